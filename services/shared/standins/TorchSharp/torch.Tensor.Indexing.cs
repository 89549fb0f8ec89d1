using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Write(select(0, i1), value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Write(At(i1, i2), value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Write(At(i1, i2, i3), value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Write(At(indices), value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            Tensor view = Basic(indices, out Tensor?[] masks);
            return masks.Length == 0 ? view : Ops.index_Tensor.Call(view, Arg.Optional(masks));
        }

        public Tensor index(params Tensor[] indices) => Ops.index_Tensor.Call(this, Arg.Optional(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Tensor view = Basic(indices, out Tensor?[] masks);
            if (masks.Length == 0)
                Write(view, value);
            else
                Ops.index_put_.InPlace(view, Arg.Optional(masks), value);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => Ops.index_put_.InPlace(this, Arg.Optional(indices), value);

        private static void Write(Tensor view, Tensor value) => view.copy_(value);

        private Tensor At(params ReadOnlySpan<long> indices)
        {
            Tensor view = this;
            foreach (long i in indices)
                view = view.select(0, i);
            return view;
        }

        /// <summary>Takes the numbers, slices and new axes; the tensors among the indices are left, one slot per axis that remains.</summary>
        private Tensor Basic(TensorIndex[] indices, out Tensor?[] masks)
        {
            Tensor view = alias();
            var slots = new List<Tensor?>();
            int axis = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                TensorIndex at = indices[i];
                switch (at.Type)
                {
                    case TensorIndex.Kind.None:
                        view = view.unsqueeze(axis++);
                        break;
                    case TensorIndex.Kind.Single:
                        view = view.select(axis, at.Start ?? 0);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = Ops.slice_Tensor.Call(view, axis++, at.Start, at.Stop, at.Step ?? 1);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        axis += (int)view.ndim - axis - indices.Skip(i + 1).Sum(Consumed);
                        break;
                    case TensorIndex.Kind.Bool:
                        Place(slots, axis++, torch.tensor(at.Start != 0).unsqueeze(0));
                        view = view.unsqueeze(axis - 1);
                        break;
                    default:
                        Place(slots, axis, at.Mask);
                        axis += Consumed(at);
                        break;
                }
            }
            masks = [.. slots];
            return view;
        }

        /// <summary>How many axes an index takes: a boolean mask takes as many as it has.</summary>
        private static int Consumed(TensorIndex index) => index.Type switch
        {
            TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
            TensorIndex.Kind.Tensor => index.Mask!.dtype == ScalarType.Bool ? (int)index.Mask.ndim : 1,
            _ => 0,
        };

        private static void Place(List<Tensor?> slots, int axis, Tensor? mask)
        {
            // A mask of several axes stands in one slot, but the dispatcher counts slots, not axes.
            while (slots.Count < axis - slots.OfType<Tensor>().Sum(m => m.dtype == ScalarType.Bool ? (int)m.ndim - 1 : 0))
                slots.Add(null);
            slots.Add(mask);
        }
    }
}
