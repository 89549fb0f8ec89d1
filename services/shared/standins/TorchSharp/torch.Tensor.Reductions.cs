namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Ops.sum.Call(this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Ops.sum_dim_IntList.Call(this, One(dim), keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Ops.sum_dim_IntList.Call(this, dim, keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => Ops.sum_dim_IntList.Call(this, new[] { dim0, dim1 }, keepdim, type);
        public Tensor mean() => Ops.mean.Call(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Ops.mean_dim.Call(this, dimensions, keepdim, type);
        public Tensor var(bool unbiased = true) => Ops.var.Call(this, unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => As(type, Ops.var_dim.Call(this, One(dim), unbiased, keepdim));
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => As(type, Ops.var_dim.Call(this, dimensions, unbiased, keepdim));
        public Tensor std(bool unbiased = true) => Ops.std.Call(this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => As(type, Ops.std_dim.Call(this, One(dim), unbiased, keepdim));
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => As(type, Ops.std_dim.Call(this, dimensions, unbiased, keepdim));
        public Tensor max() => Ops.max.Call(this);
        public (Tensor, Tensor) max(long dim, bool keepdim = false) => Ops.max_dim.Pair(this, dim, keepdim);
        public Tensor max(Tensor other) => Ops.max_other.Call(this, other);
        public Tensor argmax() => Ops.argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Ops.argmax.Call(this, dim, keepdim);
        public Tensor amax(params long[] dims) => Ops.amax.Call(this, dims);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => @out is null ? Ops.amax.Call(this, dims, keepdim) : @out.copy_(Ops.amax.Call(this, dims, keepdim));
        public Tensor min() => Ops.min.Call(this);
        public (Tensor, Tensor) min(long dim, bool keepdim = false) => Ops.min_dim.Pair(this, dim, keepdim);
        public Tensor min(Tensor other) => Ops.min_other.Call(this, other);
        public Tensor argmin() => Ops.argmin.Call(this);
        public Tensor argmin(long dim, bool keepdim = false) => Ops.argmin.Call(this, dim, keepdim);
        public Tensor amin(params long[] dims) => Ops.amin.Call(this, dims);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => @out is null ? Ops.amin.Call(this, dims, keepdim) : @out.copy_(Ops.amin.Call(this, dims, keepdim));
        public Tensor all() => Ops.all.Call(this);
        public Tensor all(long dim, bool keepdim = false) => Ops.all_dim.Call(this, dim, keepdim);
        public Tensor any() => Ops.any.Call(this);
        public Tensor any(long dim, bool keepdim = false) => Ops.any_dim.Call(this, dim, keepdim);
        public Tensor prod(ScalarType? type = null) => Ops.prod.Call(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Ops.prod_dim_int.Call(this, dim, keepdim, type);
        public Tensor cumsum(long dim, ScalarType? type = null) => Ops.cumsum.Call(this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Ops.cumprod.Call(this, dim, type);
        public Tensor logsumexp(long dim, bool keepdim = false) => Ops.logsumexp.Call(this, One(dim), keepdim);
        public Tensor norm(float p = 2) => Ops.norm_Scalar.Call(this, (double)p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Ops.norm_ScalarOpt_dim.Call(this, (double)p, One(dim), keepdim);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Ops.quantile.Call(this, q, dim, keepdim);
        public Tensor median() => Ops.median.Call(this);
        public Tensor nonzero() => Ops.nonzero.Call(this);
        public Tensor count_nonzero(long[]? dims = null) => dims is null ? Ops.count_nonzero.Call(this) : Ops.count_nonzero_dim_IntList.Call(this, dims);
        public (Tensor, Tensor) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Ops.topk.Pair(this, k, dim, largest, sorted);
        public (Tensor, Tensor) sort(long dim = -1, bool descending = false, bool stable = false) => Ops.sort_stable.Pair(this, stable, dim, descending);
        public Tensor argsort(long dim = -1, bool descending = false) => Ops.argsort.Call(this, dim, descending);
    }
}
