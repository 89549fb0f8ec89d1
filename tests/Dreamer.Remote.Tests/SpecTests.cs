using Dreamer.Environments;
using Dreamer.Remote.Client;
using Dreamer.Remote.Tests.Support;
using Dreamer.Spaces;
using Google.Protobuf.Collections;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Tests;

/// <summary>What of other servers' worlds an agent here can use, and what it is told where it cannot.</summary>
public sealed class SpecTests
{
    private static readonly V1.TensorSpec Reward = new() { Name = "reward", Dtype = V1.DataType.Double };

    [Theory]
    [InlineData(V1.DataType.Int8)]
    [InlineData(V1.DataType.Int32)]
    [InlineData(V1.DataType.Int64)]
    [InlineData(V1.DataType.Uint8)]
    [InlineData(V1.DataType.Uint32)]
    [InlineData(V1.DataType.Uint64)]
    public void One_bounded_integer_of_any_type_is_a_choice(V1.DataType type)
    {
        var actions = new RemoteActions(Map(new V1.TensorSpec { Name = "paddle", Dtype = type, Min = Bound(3), Max = Bound(5) }));
        var sent = new MapField<ulong, V1.Tensor>();

        actions.Write([0, 0, 1], sent);

        Assert.Equal(new ActionSpec(ActionKind.Discrete, 3), actions.Spec);
        Assert.Equal((type, 5.0), (Tensors.TypeOf(sent[1]), Tensors.At(sent[1], 0)));
    }

    [Fact]
    public void Reals_of_several_tensors_are_joined_and_scaled()
    {
        var actions = new RemoteActions(Map(
            new V1.TensorSpec { Name = "arm", Dtype = V1.DataType.Double, Shape = { 2 }, Min = Bound(0, -4), Max = Bound(10, 4) },
            new V1.TensorSpec { Name = "gripper", Dtype = V1.DataType.Float, Min = Bound(-1), Max = Bound(1) }));
        var sent = new MapField<ulong, V1.Tensor>();

        actions.Write([0.5f, -7, 0.25f], sent);

        Assert.Equal(new ActionSpec(ActionKind.Continuous, 3), actions.Spec);
        Assert.Equal([7.5, -4], sent[1].Doubles.Array);
        Assert.Equal([2], sent[1].Shape);
        Assert.Equal([0.25f], sent[2].Floats.Array);
    }

    [Fact]
    public void Actions_that_agents_do_not_have_are_named()
    {
        V1.TensorSpec choice = new() { Name = "key", Dtype = V1.DataType.Int32, Min = Bound(0), Max = Bound(1) };
        (V1.TensorSpec[] Specs, string Reason)[] cases =
        [
            ([], "(none)"),
            ([choice, choice], "key (Int32 []), key (Int32 [])"),
            ([new() { Name = "free", Dtype = V1.DataType.Float }], "'free' has no finite bounds"),
            ([new() { Name = "half", Dtype = V1.DataType.Int32, Min = Bound(0) }], "'half' has no finite bounds"),
            ([new() { Name = "say", Dtype = V1.DataType.String }], "'say' is of type String"),
            ([new() { Name = "long", Dtype = V1.DataType.Float, Shape = { -1 }, Min = Bound(0), Max = Bound(1) }], "'long' has the shape [-1]"),
            ([new() { Name = "huge", Dtype = V1.DataType.Float, Shape = { 1 << 30, 1 << 30, 1 << 30 }, Min = Bound(0), Max = Bound(1) }], "'huge' has the shape"),
        ];
        Assert.All(cases, each => Assert.Contains(each.Reason, Assert.Throws<RemoteEnvironmentException>(() => new RemoteActions(Map(each.Specs))).Message));
    }

    [Fact]
    public void Observations_that_agents_cannot_use_are_named_with_the_setting()
    {
        V1.TensorSpec pose = new() { Name = "pose", Dtype = V1.DataType.Float, Shape = { 2 } };
        (V1.TensorSpec[] Specs, string[] Names, string Reason)[] cases =
        [
            ([pose], [], "no observation named 'reward'"),
            ([Reward], [], "env.observation"),
            ([Reward, pose], ["pos"], "env.remote.observations: there is no 'pos'"),
            ([Reward, pose, new() { Name = "text", Dtype = V1.DataType.String }], [], "env.remote.observations"),
            ([Reward, new() { Name = "is_first", Dtype = V1.DataType.Bool }], [], "'is_first' has a name that is taken"),
            ([new() { Name = "reward", Dtype = V1.DataType.Float, Shape = { 2 } }, pose], [], "must be one number"),
        ];
        Assert.All(cases, each => Assert.Contains(
            each.Reason, Assert.Throws<RemoteEnvironmentException>(() => new RemoteObservations(Map(each.Specs), ObservationKind.Vector, [.. each.Names])).Message));
        Assert.Equal("pose", new RemoteObservations(Map(Reward, pose, new() { Name = "text", Dtype = V1.DataType.String }), ObservationKind.Vector, ["pose"]).Spec.Single().Key);
    }

    [Fact]
    public void Answers_that_are_not_as_promised_are_refused()
    {
        var observations = new RemoteObservations(
            Map(Reward, new() { Name = "pose", Dtype = V1.DataType.Float, Shape = { 2 } }, new() { Name = "room", Dtype = V1.DataType.Int32, Min = Bound(0), Max = Bound(3) }),
            ObservationKind.Vector, []);
        var into = new TimeStep(new EnvironmentSpec(observations.Spec, new ActionSpec(ActionKind.Discrete, 2)));
        V1.Tensor Reals(params float[] values) => new() { Floats = new() { Array = { values } } };
        V1.Tensor room = new() { Int32S = new() { Array = { 3 } } }, nowhere = new() { Int32S = new() { Array = { 4 } } };
        (V1.Tensor? Pose, V1.Tensor Room, string Reason)[] cases =
        [
            (null, room, "did not send observation 'pose'"),
            (Reals(1, 2, 3), room, "'pose' came as Float of 3"),
            (room, room, "'pose' came as Int32"),
            (Reals(1, float.NaN), room, "not finite"),
            (Reals(1, 2), nowhere, "'room' holds 4"),
        ];
        foreach (var (pose, category, reason) in cases)
        {
            var step = new V1.StepResponse { Observations = { [3] = category } };
            if (pose is not null)
            {
                step.Observations[2] = pose;
            }

            Assert.Contains(reason, Assert.Throws<RemoteEnvironmentException>(() => observations.Read(step, into)).Message);
        }

        // One element stands for all.
        observations.Read(new() { Observations = { [2] = Reals(7), [3] = room } }, into);
        Assert.Equal([7f, 7], into.Floats(0).ToArray());
    }

    [Theory]
    [InlineData(V1.EnvironmentStateType.Terminated, null, null, true)]
    [InlineData(V1.EnvironmentStateType.Terminated, null, true, false)]
    [InlineData(V1.EnvironmentStateType.Terminated, 0.0, true, true)]
    [InlineData(V1.EnvironmentStateType.Terminated, 1.0, null, false)]
    [InlineData(V1.EnvironmentStateType.Interrupted, 0.0, null, false)]
    [InlineData(V1.EnvironmentStateType.Running, 0.0, null, false)]
    public void The_discount_decides_about_a_true_end(V1.EnvironmentStateType state, double? discount, bool? truncated, bool isTerminal)
    {
        V1.TensorSpec pose = new() { Name = "pose", Dtype = V1.DataType.Float };
        var (specs, step) = (Map(Reward, pose), new V1.StepResponse { State = state });
        if (discount is { } value)
        {
            specs[10] = new() { Name = "discount", Dtype = V1.DataType.Double };
            step.Observations[10] = Tensors.OfReals(V1.DataType.Double, value);
        }

        if (truncated is { } flag)
        {
            specs[11] = new() { Name = "truncated", Dtype = V1.DataType.Bool };
            step.Observations[11] = new() { Bools = new() { Array = { flag } } };
        }

        Assert.Equal(isTerminal, new RemoteObservations(specs, ObservationKind.Vector, []).IsTerminal(step));
    }

    [Theory]
    [InlineData("remote:host:7500", "host:7500", null)]
    [InlineData("remote:10.0.0.7:1/arena/7", "10.0.0.7:1", "arena/7")]
    [InlineData("remote:[::1]:7500/", "[::1]:7500", "")]
    public void Names_hold_an_address_and_maybe_a_world(string name, string place, string? world)
    {
        var address = RemoteAddress.Parse(name);

        Assert.Equal((place, world), (address.ToString(), address.World));
        Assert.Equal($"http://{place}/", address.Url(tls: false).ToString());
    }

    [Theory]
    [InlineData("remote:")]
    [InlineData("remote:host")]
    [InlineData("remote:host:0")]
    [InlineData("remote:host:65536")]
    [InlineData("remote::7500")]
    [InlineData("remote:ho st:7500")]
    public void Other_names_are_refused_with_the_right_form(string name) =>
        Assert.Contains("write remote:HOST:PORT", Assert.Throws<ArgumentException>(() => Given.Remote(name).Validate()).Message);

    [Fact]
    public void Settings_travel_with_the_type_that_they_look_like()
    {
        var settings = RemoteSettings.Parse(["fast=true", "level = 3", "gravity=9.81", "map=a=b"]).ToDictionary();

        Assert.True(settings["fast"].Bools.Array.Single());
        Assert.Equal(3, settings["level"].Int64S.Array.Single());
        Assert.Equal(9.81, settings["gravity"].Doubles.Array.Single());
        Assert.Equal("a=b", settings["map"].Strings.Array.Single());
    }

    private static MapField<ulong, V1.TensorSpec> Map(params V1.TensorSpec[] specs)
    {
        var map = new MapField<ulong, V1.TensorSpec>();
        Array.ForEach(specs, spec => map.Add((ulong)map.Count + 1, spec));
        return map;
    }

    private static V1.TensorSpec.Types.Value Bound(params double[] values) => new() { Doubles = new() { Array = { values } } };
}
