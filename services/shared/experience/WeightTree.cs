namespace Dreamer.Experience;

/// <summary>
/// Sums over slots in a binary tree: setting one and finding the slot at a point of the total take a step per level. Parents
/// are added up anew from their children, so that no rounding gathers. Not thread safe.
/// </summary>
internal sealed class WeightTree
{
    private double[] _sums = new double[2];

    /// <summary>Sum over all slots.</summary>
    public double Total => _sums[1];

    private int Leaves => _sums.Length / 2;

    /// <summary>Gives a slot its weight, which must not be negative; slots that were never set weigh nothing.</summary>
    public void Set(int slot, double weight)
    {
        while (slot >= Leaves)
        {
            Grow();
        }

        var node = Leaves + slot;
        _sums[node] = weight;
        for (node /= 2; node > 0; node /= 2)
        {
            AddUp(node);
        }
    }

    /// <summary>The slot of a positive weight in which <paramref name="point"/>, from 0 to the total, lies, and where in it. The total must be positive.</summary>
    public (int Slot, double Into) Find(double point)
    {
        var node = 1;
        while (node < Leaves)
        {
            node *= 2;
            if (_sums[node + 1] > 0 && point >= _sums[node])
            {
                point -= _sums[node++];
            }
        }

        return (node - Leaves, point);
    }

    private void AddUp(int node) => _sums[node] = _sums[2 * node] + _sums[(2 * node) + 1];

    private void Grow()
    {
        var leaves = _sums.AsSpan(Leaves).ToArray();
        _sums = new double[_sums.Length * 2];
        leaves.CopyTo(_sums.AsSpan(Leaves));
        for (var node = Leaves - 1; node > 0; node--)
        {
            AddUp(node);
        }
    }
}
