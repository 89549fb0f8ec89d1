using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Dreamer.Hosting.Edge;

/// <summary>A request's body that is read no faster than its peer may send. What is not read fills HTTP/2's window, and then the peer waits.</summary>
/// <param name="inner">The body.</param>
/// <param name="take">Told of bytes that were read; answers how long to pause before the next.</param>
/// <param name="time">Clock.</param>
internal sealed class MeteredBody(PipeReader inner, Func<long, TimeSpan> take, TimeProvider time) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _shown;
    private TimeSpan _pause;

    public PipeReader Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_pause > TimeSpan.Zero)
        {
            await Task.Delay(_pause, time, cancellationToken);
            _pause = TimeSpan.Zero;
        }

        var result = await inner.ReadAsync(cancellationToken);
        _shown = result.Buffer;
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_pause > TimeSpan.Zero || !inner.TryRead(out result))
        {
            result = default;
            return false;
        }

        _shown = result.Buffer;
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var bytes = _shown.Slice(0, consumed).Length;
        _shown = default;
        inner.AdvanceTo(consumed, examined);
        if (bytes > 0)
        {
            _pause = take(bytes);
        }
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
