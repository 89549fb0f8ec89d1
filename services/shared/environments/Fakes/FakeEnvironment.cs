using Dreamer.Spaces;

namespace Dreamer.Environments.Fakes;

/// <summary>
/// Costs nothing and teaches nothing: each record carries a <see cref="FakeLedger"/>, so that tests of the services see
/// every lost, repeated or damaged step. Can be slow or break down on request.
/// </summary>
public sealed class FakeEnvironment : IEnvironment
{
    private readonly FakeOptions options;
    private LedgerFile? file;
    private uint seed;
    private uint record;
    private long steps;
    private int left;

    /// <param name="options">Behaviour.</param>
    /// <param name="observation">Vector, image or both.</param>
    /// <param name="imageSize">Height and width of the image in pixels.</param>
    /// <param name="seed">Its low 16 bits are written into every record; with <see cref="FakeOptions.Ledger"/>, the number of the life in its place.</param>
    public FakeEnvironment(FakeOptions options, ObservationKind observation, int imageSize, ulong seed)
    {
        this.options = options;
        this.seed = (ushort)seed;
        Spec = new EnvironmentSpec(options.Action, observation switch
        {
            ObservationKind.Vector => [Vector(options)],
            ObservationKind.Image => [Image(imageSize)],
            _ => [Image(imageSize), Vector(options)],
        });
    }

    public EnvironmentSpec Spec { get; }

    public void Reset(TimeStep into)
    {
        if (file is null && options.Ledger.Length > 0)
        {
            file = LedgerFile.Begin(options.Ledger);
            seed = (uint)file.Life;
        }

        left = options.EpisodeLength;
        Write(into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
        file?.Add(LedgerEntry.Of(into));
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running, or <see cref="FakeOptions.FailAfter"/> was reached.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check("fake", Spec.Action, action);
        if (left == 0)
        {
            throw new InvalidOperationException("fake has no episode running: call Reset first.");
        }

        if (options.FailAfter > 0 && steps == options.FailAfter)
        {
            throw new InvalidOperationException($"fake broke down after {steps} steps, as fake.fail_after asked.");
        }

        if (options.HangAfter > 0 && steps == options.HangAfter)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        if (options.StepMilliseconds > 0)
        {
            Thread.Sleep(options.StepMilliseconds);
        }

        (steps, left) = (steps + 1, left - 1);
        var ledger = Write(into);
        into.Set(ledger.Reward, isFirst: false, isLast: left == 0, isTerminal: left == 0 && options.Terminates);
        file?.Add(LedgerEntry.Of(into));
    }

    public void Dispose() => file?.Dispose();

    private static TensorSpec Vector(FakeOptions options) => new("vector", DType.Float32, options.VectorSize);

    private static TensorSpec Image(int size) => new("image", DType.UInt8, size, size, 3);

    private FakeLedger Write(TimeStep into)
    {
        var ledger = new FakeLedger(seed, record);
        record = (record + 1) & 0xFFFFFF;
        for (var index = 0; index < Spec.Observations.Length; index++)
        {
            ledger.Write(into.Observations[index], Spec.Observations[index].DType);
        }

        return ledger;
    }
}
