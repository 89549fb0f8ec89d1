using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>
/// Collects the steps of one stream. A full chunk is taken when the next step has come, so that the one a stream ends with can say so, also
/// where that one is full. Not thread safe.
/// </summary>
public sealed class ChunkBuilder
{
    private readonly Schema _schema;
    private readonly StreamId _stream;
    private readonly int _chunkSteps;
    private readonly ImmutableArray<Episode>.Builder _episodes = ImmutableArray.CreateBuilder<Episode>();
    private byte[]? _buffer;
    private int _steps;
    private long _minVersion;
    private long _maxVersion;
    private double _return;
    private int _length;

    /// <param name="schema">Columns to fill.</param>
    /// <param name="stream">A fresh id per life of an environment slot.</param>
    /// <param name="chunkSteps">Steps of a full chunk, 64 by default in the service.</param>
    /// <param name="firstSequence">Sequence number of the first chunk.</param>
    public ChunkBuilder(Schema schema, StreamId stream, int chunkSteps, long firstSequence = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSteps, 1);
        (_schema, _stream, _chunkSteps, NextSequence) = (schema, stream, chunkSteps, firstSequence);
    }

    /// <summary>Sequence number of the chunk being filled.</summary>
    public long NextSequence { get; private set; }

    /// <summary>Steps collected and not handed out yet.</summary>
    public int PendingSteps => _steps;

    /// <summary>Adds one record.</summary>
    /// <param name="step">What the environment shows.</param>
    /// <param name="action">[A] chosen at this observation.</param>
    /// <param name="state">The policy's recurrent state after seeing it, one buffer per state tensor.</param>
    /// <param name="policyVersion">Weights that chose the action.</param>
    /// <param name="told">What the policy tells of an episode that ends here, beside its environment's facts.</param>
    /// <exception cref="InvalidOperationException">The chunk is full: see <see cref="TakeFull"/>.</exception>
    public void Add(
        TimeStep step, ReadOnlySpan<float> action, ReadOnlySpan<byte[]> state, long policyVersion, IReadOnlyList<EpisodeFact>? told = null)
    {
        if (state.Length != _schema.StateTensors)
        {
            throw new ArgumentException($"{state.Length} state tensors given, the schema has {_schema.StateTensors}", nameof(state));
        }

        if (_steps == _chunkSteps)
        {
            throw new InvalidOperationException("the chunk is full: take it before the next step is added");
        }

        _buffer ??= RecycledArrays.Rent(_schema.StepBytes * _chunkSteps);
        var offset = 0;
        for (var column = 0; column < _schema.Tensors.Length; column++)
        {
            var size = _schema.Tensors[column].Bytes;
            var cell = _buffer.AsSpan(offset + (_steps * size), size);
            offset += size * _chunkSteps;
            var relative = column - _schema.Observations;
            switch (relative)
            {
                case < 0:
                    Copy(step.Observations[column], cell, column);
                    break;
                case 0:
                    Copy(MemoryMarshal.AsBytes(action), cell, column);
                    break;
                case 1:
                    MemoryMarshal.Write(cell, step.Reward);
                    break;
                case 2:
                    cell[0] = step.IsFirst ? (byte)1 : (byte)0;
                    break;
                case 3:
                    cell[0] = step.IsLast ? (byte)1 : (byte)0;
                    break;
                case 4:
                    cell[0] = step.IsTerminal ? (byte)1 : (byte)0;
                    break;
                default:
                    Copy(state[column - _schema.StateIndex], cell, column);
                    break;
            }
        }

        _minVersion = _steps == 0 ? policyVersion : Math.Min(_minVersion, policyVersion);
        _maxVersion = _steps == 0 ? policyVersion : Math.Max(_maxVersion, policyVersion);
        (_return, _length) = step.IsFirst ? (step.Reward, 0) : (_return + step.Reward, _length + 1);
        if (step.IsLast)
        {
            EpisodeFact[] facts = [.. step.Facts, .. told ?? []];
            _episodes.Add(new Episode(_steps, _return, _length, facts.Length > 0 ? facts : null));
        }

        _steps++;
    }

    /// <summary>The chunk if it is full, else null: to be called as soon as it is known that the stream goes on.</summary>
    public Chunk? TakeFull() => _steps == _chunkSteps ? Take(endsStream: false) : null;

    /// <summary>What is collected, as the last chunk of the stream; null when nothing is, which is before the first step only.</summary>
    public Chunk? End() => _steps == 0 ? null : Take(endsStream: true);

    private Chunk Take(bool endsStream)
    {
        var columns = new ReadOnlyMemory<byte>[_schema.Tensors.Length];
        var offset = 0;
        for (var column = 0; column < columns.Length; column++)
        {
            var size = _schema.Tensors[column].Bytes;
            columns[column] = _buffer.AsMemory(offset, size * _steps);
            offset += size * _chunkSteps;
        }

        var chunk = new Chunk
        {
            Stream = _stream,
            Sequence = NextSequence++,
            Steps = _steps,
            SchemaHash = _schema.Hash,
            Columns = columns,
            MinPolicyVersion = _minVersion,
            MaxPolicyVersion = _maxVersion,
            Episodes = _episodes.ToImmutable(),
            EndsStream = endsStream,
            Memory = _buffer,
        };
        _episodes.Clear();
        _buffer = null;
        _steps = 0;
        return chunk;
    }

    private void Copy(ReadOnlySpan<byte> source, Span<byte> cell, int column)
    {
        if (source.Length != cell.Length)
        {
            throw new ArgumentException($"'{_schema.Tensors[column].Key}' has {source.Length} bytes, the schema says {cell.Length}");
        }

        source.CopyTo(cell);
    }
}
