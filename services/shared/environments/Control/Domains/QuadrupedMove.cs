using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Walk or run upright on four legs.</summary>
/// <param name="speed">Metres per second to reach, forward as seen from the torso.</param>
public sealed class QuadrupedMove(double speed) : IControlTask
{
    private const double EpisodeSeconds = 20;
    private static readonly string[] Toes = ["front_left", "front_right", "back_right", "back_left"];

    // The root's joint is free: 7 numbers of its position and 6 of its velocity come before the hinges'.
    private const int RootPosition = 7;
    private const int RootVelocity = 6;

    public int SubSteps => 4;

    public int ControlSize => 12;

    public int Camera => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } =
        [("egocentric_state", 44), ("torso_velocity", 3), ("torso_upright", 1), ("imu", 6), ("force_torque", 24)];

    /// <summary>The floor reaches as far as one can come in an episode.</summary>
    public XElement Model()
    {
        var model = ControlModel.Read("quadruped");
        var extent = (EpisodeSeconds * speed).ToString(CultureInfo.InvariantCulture);
        model.Descendants("geom").First(geom => (string?)geom.Attribute("name") == "floor").SetAttributeValue("size", $"{extent} {extent} .5");
        return model;
    }

    /// <summary>At a random orientation, as high as it needs to touch nothing.</summary>
    public void Begin(Physics physics, RandomState random)
    {
        Span<double> orientation = stackalloc double[4];
        RandomPose.DrawUnit(orientation, random.RandN);
        var height = 0.0;
        do
        {
            physics.Reset();
            physics.Data.Position[2] = height;
            orientation.CopyTo(physics.Data.Position[3..]);
            Settle(physics);
            height += 0.01;
        }
        while (physics.Data.ContactCount > 0);
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        into.Add(physics.Data.Position[RootPosition..]);
        into.Add(physics.Data.Velocity[RootVelocity..]);
        into.Add(physics.Data.Activation);
        into.Add(physics.Sensor("velocimeter"));
        into.Add(physics.BodyRotation("torso")[8]);
        into.Add(physics.Sensor("imu_accel"));
        into.Add(physics.Sensor("imu_gyro"));
        AddStrain(physics, "force_toe_", ref into);
        AddStrain(physics, "torque_toe_", ref into);
    }

    public double Reward(Physics physics)
    {
        var upright = Tolerance.Of(
            physics.BodyRotation("torso")[8], 1, double.PositiveInfinity, margin: 2, Sigmoid.Linear, atMargin: 0);
        var moving = Tolerance.Of(physics.Sensor("velocimeter")[0], speed, double.PositiveInfinity, speed, Sigmoid.Linear, atMargin: 0.5);
        return upright * moving;
    }

    private static void AddStrain(Physics physics, string kind, ref ObservationWriter into)
    {
        foreach (var toe in Toes)
        {
            foreach (var component in physics.Sensor(kind + toe))
            {
                into.Add(Math.Asinh(component));
            }
        }
    }

    private static void Settle(Physics physics)
    {
        try
        {
            physics.Settle();
        }
        catch (MujocoException) when (physics.Data.ContactCount > 0)
        {
            // Deep in the floor there may be more contacts than MuJoCo has room for; higher up there are fewer.
        }
    }
}
