namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor mm(Tensor target) => Ops.mm.Call(this, target);
        public Tensor bmm(Tensor batch2) => Ops.bmm.Call(this, batch2);
        public Tensor matmul(Tensor target) => Ops.matmul.Call(this, target);
        public Tensor mv(Tensor target) => Ops.mv.Call(this, target);
        public Tensor outer(Tensor vec2) => Ops.outer.Call(this, vec2);
        public Tensor dot(Tensor target) => Ops.dot.Call(this, target);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Ops.addmm.Call(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Ops.addmm_.InPlace(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Ops.baddbmm.Call(this, batch1, batch2, (double)beta, (double)alpha);
    }
}
