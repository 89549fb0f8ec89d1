using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace Dreamer.Agents;

/// <summary>
/// While one lives, no finalizer runs in this process. A number beside a tensor (<c>x * 0.5</c>, and the 1 inside <c>x + y</c>) becomes a scalar that
/// is garbage from the moment at which its handle was read: its finalizer could free it while libtorch still reads it ("Unknown scalar type", or a wrong number).
/// </summary>
internal sealed class FinalizerPause : IDisposable
{
    private const int RetryMilliseconds = 1;
    private static readonly Lock OneAtATime = new();

    private readonly ManualResetEventSlim begun = new();
    private readonly ManualResetEventSlim over = new();

    private FinalizerPause()
    {
        // The thread that runs finalizers is kept inside this one.
        Drop();
        do
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }
        while (!begun.Wait(RetryMilliseconds));
    }

    /// <summary>Whether the backend's scalars have finalizers.</summary>
    public static bool Needed { get; } =
        typeof(Scalar).GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null;

    /// <summary>Waits for the pause of another thread to end; within one of this thread's own there is nothing to begin.</summary>
    public static FinalizerPause? Begin()
    {
        if (OneAtATime.IsHeldByCurrentThread)
        {
            return null;
        }

        OneAtATime.Enter();
        return new FinalizerPause();
    }

    /// <summary>On the thread that began it.</summary>
    public void Dispose()
    {
        over.Set();
        OneAtATime.Exit();
    }

    // Nothing of it may stay in the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Drop() => _ = new Gate(this);

    private sealed class Gate(FinalizerPause pause)
    {
        ~Gate()
        {
            pause.begun.Set();
            pause.over.Wait();
        }
    }
}
