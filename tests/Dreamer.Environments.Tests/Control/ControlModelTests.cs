using System.Text.Json;
using Dreamer.Environments.Control;
using Dreamer.Environments.Mujoco;

namespace Dreamer.Environments.Tests.Control;

/// <summary>Our models compile to the numbers of the suite's own.</summary>
public sealed class ControlModelTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [MemberData(nameof(ControlReplayTests.Recorded), MemberType = typeof(ControlReplayTests))]
    public void Compiled_numbers_are_the_recorded_ones(string name)
    {
        var recording = ControlRecording.Load(name);
        using var environment = ControlReplayTests.Make(name, recording.Seed);
        var model = environment.Physics.Model;
        var facts = new Facts(recording.Compiled);

        facts.Count("nq", model.PositionCount);
        facts.Count("nv", model.VelocityCount);
        facts.Count("nu", model.ControlCount);
        facts.Count("na", model.ActivationCount);
        facts.Count("nbody", model.BodyCount);
        facts.Count("ngeom", model.GeomCount);
        facts.Same("body_mass", model.BodyMass);
        facts.Same("body_inertia", model.BodyInertia);
        facts.Same("body_pos", model.BodyPosition);
        facts.Same("body_ipos", model.BodyCentre);
        facts.Same("jnt_range", model.JointRange);
        facts.Same("jnt_stiffness", model.JointStiffness);
        facts.Same("dof_damping", model.DofDamping);
        facts.Same("dof_armature", model.DofArmature);
        facts.Same("dof_frictionloss", model.DofFrictionLoss);
        facts.Same("actuator_gear", model.ActuatorGear);
        facts.Same("geom_size", model.GeomSize);
        facts.Same("geom_type", [.. model.GeomShapes.ToArray().Select(shape => (double)shape)]);
        facts.Same("geom_friction", model.GeomFriction);
        facts.Same("geom_solref", model.GeomSolverReference);
        facts.Same("geom_solimp", model.GeomSolverImpedance);
        Assert.Empty(facts.Unread);

        Assert.Equal(recording.TimeStep, model.TimeStep);
        Assert.Equal(recording.Integrator == 1, model.IsRungeKutta);
        Assert.Equal(recording.ActionLow, model.ControlRange.ToArray().Where((_, index) => index % 2 == 0));
        Assert.Equal(recording.ActionHigh, model.ControlRange.ToArray().Where((_, index) => index % 2 == 1));
        var (info, task) = ControlTasks.All.Single(entry => entry.Info.Name == name);
        Assert.Equal((recording.StepLimit, recording.SubSteps), (info.StepLimit, task.SubSteps));
    }

    [Fact]
    public void Every_task_declares_what_its_model_has()
    {
        foreach (var (info, task) in ControlTasks.All)
        {
            using var environment = ControlReplayTests.Make(info.Name, seed: 3);
            environment.Begin();
            Assert.Equal(task.ControlSize, environment.Physics.Model.ControlCount);
            Assert.True(environment.Physics.Model.CameraCount > task.Camera, info.Name);
            Assert.All(environment.Observation.ToArray(), value => Assert.True(double.IsFinite(value), info.Name));
            var reward = environment.Advance(new double[task.ControlSize]);
            Assert.InRange(reward, 0, 1);
        }
    }

    [Fact]
    public void A_humanoid_begins_free_of_contacts_and_weighs_forty_kilograms()
    {
        using var environment = ControlReplayTests.Make("dmc_humanoid_walk", seed: 1);
        environment.Begin();
        Assert.Equal(0, environment.Physics.Data.ContactCount);
        Assert.Equal((28, 27, 21), (environment.Physics.Model.PositionCount, environment.Physics.Model.VelocityCount, environment.Physics.Model.ControlCount));
        Assert.Equal(40.844021221621333, environment.Physics.Model.BodyMass.ToArray().Sum(), Tolerance);
    }

    /// <summary>The recorded numbers by name; remembers which were compared.</summary>
    private sealed class Facts(Dictionary<string, JsonElement> recorded)
    {
        private readonly HashSet<string> read = [];

        public IEnumerable<string> Unread => recorded.Keys.Except(read);

        public void Count(string name, int actual)
        {
            read.Add(name);
            Assert.Equal(recorded[name].GetInt32(), actual);
        }

        public void Same(string name, ReadOnlySpan<double> actual)
        {
            read.Add(name);
            Assert.Equal(recorded[name].EnumerateArray().Select(number => number.GetDouble()), actual.ToArray(), (x, y) => Math.Abs(x - y) <= Tolerance);
        }
    }
}
