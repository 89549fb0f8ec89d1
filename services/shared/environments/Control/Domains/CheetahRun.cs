using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Run forward on two legs in the plane; full reward at 10 m/s.</summary>
public sealed class CheetahRun : IControlTask
{
    private const double Speed = 10;

    public int SubSteps => 1;

    public int ControlSize => 6;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 8), ("velocity", 9)];

    public XElement Model() => ControlModel.Read("cheetah");

    public void Begin(Physics physics, RandomState random)
    {
        var model = physics.Model;
        for (var joint = 0; joint < model.JointCount; joint++)
        {
            if (model.JointLimited[joint] != 0)
            {
                physics.Data.Position[joint] = random.Uniform(model.JointRange[2 * joint], model.JointRange[(2 * joint) + 1]);
            }
        }

        // It falls to the ground first.
        physics.Step(200);
        physics.Data.Time = 0;
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        into.Add(physics.Data.Position[1..]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics) =>
        Tolerance.Of(physics.Sensor("torso_subtreelinvel")[0], Speed, double.PositiveInfinity, Speed, Sigmoid.Linear, atMargin: 0);
}
