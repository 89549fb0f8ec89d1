using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class FinalizerPauseTests
{
    [Fact]
    public void FinalizersRunAfterItAndNotWithin()
    {
        var ran = new StrongBox<bool>();
        using (FinalizerPause.Begin())
        {
            Drop(ran);
            GC.Collect();
            Assert.Null(FinalizerPause.Begin());
            Assert.False(Volatile.Read(ref ran.Value));
        }

        GC.WaitForPendingFinalizers();
        Assert.True(ran.Value);
    }

    [Fact]
    public async Task NumbersBesideTensorsOutliveCollections()
    {
        using var enough = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Yield();
            }
        });
        for (var pause = 0; pause < 3; pause++)
        {
            using var undisturbed = FinalizerPause.Begin();
            using var scope = NewDisposeScope();
            var x = zeros(4);
            for (var count = 0; count < 200; count++)
            {
                x = x + 1 + ones(4);
            }

            Assert.Equal(400f, x.sum().item<float>() / 4);
        }

        await enough.CancelAsync();
        await collecting;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(StrongBox<bool> ran) => _ = new Noting(ran);

    private sealed class Noting(StrongBox<bool> ran)
    {
        ~Noting() => Volatile.Write(ref ran.Value, true);
    }
}
