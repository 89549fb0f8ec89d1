namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);
        public static Tensor operator +(Tensor left, int right) => left.add((Scalar)right);
        public static Tensor operator +(Tensor left, long right) => left.add((Scalar)right);
        public static Tensor operator +(Tensor left, float right) => left.add((Scalar)right);
        public static Tensor operator +(Tensor left, double right) => left.add((Scalar)right);
        public static Tensor operator +(int left, Tensor right) => right.add((Scalar)left);
        public static Tensor operator +(long left, Tensor right) => right.add((Scalar)left);
        public static Tensor operator +(float left, Tensor right) => right.add((Scalar)left);
        public static Tensor operator +(double left, Tensor right) => right.add((Scalar)left);

        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);
        public static Tensor operator *(Tensor left, int right) => left.mul((Scalar)right);
        public static Tensor operator *(Tensor left, long right) => left.mul((Scalar)right);
        public static Tensor operator *(Tensor left, float right) => left.mul((Scalar)right);
        public static Tensor operator *(Tensor left, double right) => left.mul((Scalar)right);
        public static Tensor operator *(int left, Tensor right) => right.mul((Scalar)left);
        public static Tensor operator *(long left, Tensor right) => right.mul((Scalar)left);
        public static Tensor operator *(float left, Tensor right) => right.mul((Scalar)left);
        public static Tensor operator *(double left, Tensor right) => right.mul((Scalar)left);

        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator -(Scalar left, Tensor right) => Ops.rsub_Scalar.Call(right, left);
        public static Tensor operator -(Tensor left, int right) => left.sub((Scalar)right);
        public static Tensor operator -(Tensor left, long right) => left.sub((Scalar)right);
        public static Tensor operator -(Tensor left, float right) => left.sub((Scalar)right);
        public static Tensor operator -(Tensor left, double right) => left.sub((Scalar)right);
        public static Tensor operator -(int left, Tensor right) => (Scalar)left - right;
        public static Tensor operator -(long left, Tensor right) => (Scalar)left - right;
        public static Tensor operator -(float left, Tensor right) => (Scalar)left - right;
        public static Tensor operator -(double left, Tensor right) => (Scalar)left - right;

        public static Tensor operator /(Tensor left, Tensor right) => Ops.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, Scalar right) => Ops.div_Scalar.Call(left, right);
        public static Tensor operator /(Scalar left, Tensor right) => Over(left, right);
        public static Tensor operator /(Tensor left, int right) => left / (Scalar)right;
        public static Tensor operator /(Tensor left, long right) => left / (Scalar)right;
        public static Tensor operator /(Tensor left, float right) => left / (Scalar)right;
        public static Tensor operator /(Tensor left, double right) => left / (Scalar)right;
        public static Tensor operator /(int left, Tensor right) => Over(left, right);
        public static Tensor operator /(long left, Tensor right) => Over(left, right);
        public static Tensor operator /(float left, Tensor right) => Over(left, right);
        public static Tensor operator /(double left, Tensor right) => Over(left, right);

        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);
        public static Tensor operator %(Tensor left, Scalar right) => left.remainder(right);

        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);
        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);
        public static Tensor operator ^(Tensor left, Tensor right) => left.bitwise_xor(right);
        public static Tensor operator ~(Tensor left) => left.bitwise_not();

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);
        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);
        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);
        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);
        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        public static implicit operator Tensor(Scalar scalar) => tensor(scalar);
        public static implicit operator Tensor(bool value) => torch.tensor(value);
        public static implicit operator Tensor(int value) => torch.tensor(value);
        public static implicit operator Tensor(long value) => torch.tensor(value);
        public static implicit operator Tensor(float value) => torch.tensor(value);
        public static implicit operator Tensor(double value) => torch.tensor(value);

        private static Tensor tensor(Scalar scalar) => Ops.scalar_tensor.Call(scalar, scalar.Type);

        private static Tensor Over(Scalar left, Tensor right) => right.reciprocal().mul(left);
    }
}
