namespace Dreamer.Environments.Control;

/// <summary>Little arithmetic on vectors and rotation matrices.</summary>
internal static class Vectors
{
    public static double Distance(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var square = 0.0;
        for (var index = 0; index < left.Length; index++)
        {
            var difference = left[index] - right[index];
            square += difference * difference;
        }

        return Math.Sqrt(square);
    }

    /// <summary>Writes <paramref name="point"/> - <paramref name="origin"/> as seen in the frame whose axes are the columns of <paramref name="rotation"/>.</summary>
    public static void AddLocal(ref ObservationWriter into, ReadOnlySpan<double> point, ReadOnlySpan<double> origin, ReadOnlySpan<double> rotation)
    {
        for (var axis = 0; axis < 3; axis++)
        {
            into.Add(
                ((point[0] - origin[0]) * rotation[axis]) + ((point[1] - origin[1]) * rotation[3 + axis]) + ((point[2] - origin[2]) * rotation[6 + axis]));
        }
    }
}
