using System.Runtime.InteropServices;
using Dreamer.Environments.Wrappers;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class ObservationWrapperTests
{
    private static readonly TensorSpec Screen = new("image", DType.UInt8, 2, 4, 3);

    [Fact]
    public void Grayscale_weighs_the_channels_and_keeps_the_rest()
    {
        var inner = new Script(
            [Screen, new("room", DType.Int32, [2], 3)],
            [[255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, .. new byte[12]], Integers(1, 2)]);
        using var environment = new Grayscale(inner);
        Assert.Equal(["image:uint8:2x4x1", "room:int32:2:3"], environment.Spec.Observations.Select(tensor => tensor.ToString()));
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        Assert.Equal([255, 76, 150, 29, 0, 0, 0, 0], step.Observations[0]);
        Assert.Equal(Integers(1, 2), step.Observations[1]);
        Assert.True(step.IsFirst);
    }

    [Fact]
    public void Resizing_takes_the_mean_of_the_area_that_a_pixel_covers()
    {
        using var environment = new ResizeImages(new Script([new("image", DType.UInt8, 2, 4, 1)], [[10, 20, 30, 40, 50, 60, 70, 80]]), 2);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        Assert.Equal([15, 35, 55, 75], step.Observations[0]);

        using var enlarged = new ResizeImages(new Script([new("image", DType.UInt8, 2, 2, 1)], [[0, 90, 0, 90]]), 3);
        step = new TimeStep(enlarged.Spec);
        enlarged.Reset(step);
        Assert.Equal([0, 45, 90, 0, 45, 90, 0, 45, 90], step.Observations[0]);
    }

    [Fact]
    public void One_hot_shows_each_category_as_a_vector_and_refuses_those_that_do_not_exist()
    {
        var inner = new Script([new("room", DType.Int32, [2], 3)], [Integers(1, 0)], [Integers(2, 2)], [Integers(0, 3)]);
        using var environment = new OneHot(inner);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        Assert.Equal([0f, 1, 0, 1, 0, 0], step.Floats(0).ToArray());
        environment.Step([1], step);
        Assert.Equal([0f, 0, 1, 0, 0, 1], step.Floats(0).ToArray());
        Assert.Contains("room shows category 3", Assert.Throws<InvalidOperationException>(() => environment.Step([1], step)).Message);
    }

    [Fact]
    public void One_hot_is_a_setting()
    {
        EnvironmentRegistry.Add(new Rooms());
        var options = new EnvironmentOptions { Name = "rooms:2" };
        Assert.Equal("room:int32:2:3", EnvironmentRegistry.SpecOf(options).Observations[0].ToString());
        Assert.Equal("room:float32:6", EnvironmentRegistry.SpecOf(options with { OneHot = true }).Observations[0].ToString());
    }

    [Fact]
    public void Max_pool_shows_the_brighter_of_the_last_two_repeats_only()
    {
        var inner = new Script([new("image", DType.UInt8, 1, 3, 1)], [[99, 0, 0]], [[0, 99, 0]], [[1, 2, 3]], [[3, 2, 1]], [[7, 0, 0]]);
        using var environment = new ActionRepeat(inner, 3, maxPool: true);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        environment.Step([1], step);
        Assert.Equal([3, 2, 3], step.Observations[0]);
        Assert.Equal(3, step.Reward);

        // The episode ends with the first repeat of the next action: nothing to pool.
        environment.Step([1], step);
        Assert.Equal([7, 0, 0], step.Observations[0]);
        Assert.True(step.IsLast);
    }

    [Fact]
    public void Settings_choose_the_form_of_images()
    {
        var options = new EnvironmentOptions { Name = "CartPole-v1", Observation = ObservationKind.Both, Size = 32, Grayscale = true, ActionRepeat = 2, MaxPool = true };
        Assert.Equal(["image:uint8:32x32x1", "vector:float32:4"], EnvironmentRegistry.SpecOf(options).Observations.Select(tensor => tensor.ToString()));
        var refusal = Assert.Throws<ArgumentException>(() => EnvironmentRegistry.SpecOf(options with { ActionRepeat = 1 }));
        Assert.StartsWith("env.max_pool needs action_repeat", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Integers(params int[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>Shows given tensors one record after the other, with reward 1, and ends with the last.</summary>
    private sealed class Rooms : IEnvironmentScheme
    {
        public string Prefix => "rooms";

        public EnvironmentInfo Find(string name) => new(name, "Two rooms of three", 0, 1, null, null);

        public IEnvironment Make(EnvironmentOptions options, ulong seed) => new Script([new("room", DType.Int32, [2], 3)], [Integers(1, 0)]);
    }

    private sealed class Script(TensorSpec[] tensors, params byte[][][] records) : IEnvironment
    {
        private int next;

        public EnvironmentSpec Spec { get; } = new(new ActionSpec(ActionKind.Continuous, 1), tensors);

        public void Reset(TimeStep into) => Show(into, isFirst: true);

        public void Step(ReadOnlySpan<float> action, TimeStep into) => Show(into, isFirst: false);

        public void Dispose()
        {
        }

        private void Show(TimeStep into, bool isFirst)
        {
            for (var index = 0; index < tensors.Length; index++)
            {
                records[next][index].CopyTo(into.Observations[index], 0);
            }

            next++;
            into.Set(isFirst ? 0 : 1, isFirst, next == records.Length, next == records.Length);
        }
    }
}
