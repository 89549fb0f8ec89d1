using Dreamer.Environments.Control;
using Dreamer.Environments.Mujoco;
using Dreamer.Spaces;

namespace Dreamer.Environments;

/// <summary>
/// N environments stepped side by side, one record each per call: a slot whose record was the last of its episode is reset
/// by the next call, and its action is ignored. Not thread safe.
/// </summary>
public sealed class VectorEnvironment : IDisposable
{
    private readonly Func<int, int, IEnvironment> make;
    private readonly Func<ulong, IEnvironment>? makeSeeded;
    private readonly Func<int, Exception, bool> mayRestart;
    private readonly IEnvironment[] environments;
    private readonly TimeStep[] steps;
    private readonly int[] lives;
    private readonly float[] actions;
    private readonly Exception?[] failures;
    private readonly ulong?[] seeds;
    private readonly bool parallel;

    /// <param name="count">Environments, N.</param>
    /// <param name="make">Builds the environment of a slot, given the slot and how often it was restarted.</param>
    /// <param name="parallel">Step on all cores: worth it from about 50 microseconds per step.</param>
    /// <param name="mayRestart">Whether a slot that threw gets a new environment, which starts with a first record; never when null.</param>
    /// <param name="makeSeeded">Builds an environment of a given seed; without it <see cref="Reseed"/> changes nothing.</param>
    public VectorEnvironment(
        int count, Func<int, int, IEnvironment> make, bool parallel = false, Func<int, Exception, bool>? mayRestart = null, Func<ulong, IEnvironment>? makeSeeded = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (this.make, this.parallel, this.makeSeeded) = (make, parallel, makeSeeded);
        this.mayRestart = mayRestart ?? ((_, _) => false);
        environments = [.. Enumerable.Range(0, count).Select(slot => make(slot, 0))];
        Spec = environments[0].Spec;
        steps = [.. environments.Select(_ => new TimeStep(Spec) { IsLast = true })];
        lives = new int[count];
        actions = new float[count * Spec.Action.Size];
        failures = new Exception?[count];
        seeds = new ulong?[count];
    }

    /// <summary>
    /// N environments of the same options; slot i has seed <paramref name="seed"/> + i, and after a restart one of its own.
    /// </summary>
    /// <exception cref="MujocoException">The task needs MuJoCo, which is missing or of an unknown version.</exception>
    public static VectorEnvironment Make(
        EnvironmentOptions options, ulong seed, int count, bool parallel = false, Func<int, Exception, bool>? mayRestart = null)
    {
        ControlTasks.RequireLibrary(options);
        return new(
            count,
            (slot, life) => EnvironmentRegistry.Make(options, unchecked(seed + (ulong)slot + ((ulong)life * 0x9E3779B97F4A7C15))),
            parallel,
            mayRestart,
            seed => EnvironmentRegistry.Make(options, seed));
    }

    /// <summary>Environments, N.</summary>
    public int Count => environments.Length;

    public EnvironmentSpec Spec { get; }

    /// <summary>The newest record of each slot, written in place by <see cref="Step"/>; nothing yet before its first call.</summary>
    public ReadOnlySpan<TimeStep> Steps => steps;

    /// <summary>How often each slot was restarted; when it grows, the record in <see cref="Steps"/> is the first of a new life.</summary>
    public ReadOnlySpan<int> Lives => lives;

    /// <summary>Lets the slot's next episode be the first of a new environment with that seed: who gives two slots one seed lets both meet the same.</summary>
    public void Reseed(int slot, ulong seed) => seeds[slot] = seed;

    /// <summary>One record per environment; the first call resets all.</summary>
    /// <param name="actions">[N, A] row major.</param>
    /// <exception cref="ArgumentException">The actions do not fit, or are not finite where they are used; nothing was stepped.</exception>
    /// <exception cref="EnvironmentFailedException">A slot threw and may not be restarted; the others have stepped.</exception>
    public void Step(ReadOnlySpan<float> actions)
    {
        Take(actions);
        if (parallel)
        {
            Parallel.For(0, Count, StepSlot);
        }
        else
        {
            for (var slot = 0; slot < Count; slot++)
            {
                StepSlot(slot);
            }
        }

        for (var slot = 0; slot < Count; slot++)
        {
            while (failures[slot] is { } failure)
            {
                Restart(slot, failure);
            }
        }
    }

    public void Dispose()
    {
        foreach (var environment in environments)
        {
            environment.Dispose();
        }
    }

    private void Take(ReadOnlySpan<float> given)
    {
        if (given.Length != actions.Length)
        {
            throw new ArgumentException($"{Count} environments expect {actions.Length} numbers, [{Count}, {Spec.Action.Size}], got {given.Length}.", nameof(given));
        }

        for (var slot = 0; slot < Count; slot++)
        {
            if (!steps[slot].IsLast)
            {
                ActionRules.Check($"Environment {slot}", Spec.Action, given.Slice(slot * Spec.Action.Size, Spec.Action.Size));
            }
        }

        given.CopyTo(actions);
    }

    private void StepSlot(int slot)
    {
        try
        {
            if (steps[slot].IsLast)
            {
                Renew(slot);
                environments[slot].Reset(steps[slot]);
            }
            else
            {
                environments[slot].Step(actions.AsSpan(slot * Spec.Action.Size, Spec.Action.Size), steps[slot]);
            }
        }
        catch (Exception failure)
        {
            failures[slot] = failure;
        }
    }

    private void Renew(int slot)
    {
        if (seeds[slot] is { } seed && makeSeeded is not null)
        {
            seeds[slot] = null;
            var renewed = makeSeeded(seed);
            environments[slot].Dispose();
            environments[slot] = renewed;
        }
    }

    private void Restart(int slot, Exception failure)
    {
        failures[slot] = null;
        if (!mayRestart(slot, failure))
        {
            throw new EnvironmentFailedException(slot, failure);
        }

        lives[slot]++;
        environments[slot].Dispose();
        steps[slot].IsLast = true;
        try
        {
            environments[slot] = make(slot, lives[slot]);
        }
        catch (Exception again)
        {
            // Takes one more from the budget: what the environment depends on may be on its way back.
            failures[slot] = again;
            return;
        }

        StepSlot(slot);
    }
}
