namespace Dreamer.Environments.Control;

/// <summary>Readings of touch sensors on the suite's scale.</summary>
internal static class Touch
{
    /// <summary>log(1 + force in newtons), exact for small forces too, where the sum alone would be rounded.</summary>
    public static double Of(Physics physics, string sensor)
    {
        var force = physics.Sensor(sensor)[0];
        var sum = 1 + force;
        return sum == 1 ? force : Math.Log(sum) * force / (sum - 1);
    }
}
