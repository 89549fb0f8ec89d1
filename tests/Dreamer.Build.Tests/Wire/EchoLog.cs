using System.Collections.Concurrent;

namespace Dreamer.Build.Tests.Wire;

/// <summary>What a test wants to know of what happened on the server.</summary>
internal sealed class EchoLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether a hanging call ended by cancellation.</summary>
    public TaskCompletionSource<bool> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DateTime Deadline { get; set; }

    public IEnumerable<string> Lines => _lines;

    public void Add(string line) => _lines.Enqueue(line);
}
