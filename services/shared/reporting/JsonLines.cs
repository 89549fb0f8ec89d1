using System.Buffers;
using System.Text.Json;

namespace Dreamer.Reporting;

/// <summary>An append-only file of one JSON object per line. Whole lines or nothing: a torn end is dropped on opening and after a failed write.</summary>
public sealed class JsonLines : IDisposable
{
    private readonly FileStream _file;
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Opens or creates the file and cuts what follows the last line break.</summary>
    public JsonLines(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _file.SetLength(EndOfLastLine(_file));
        _file.Position = _file.Length;
    }

    /// <summary>Appends <c>{"step": step, name: value, ...}</c>. Thread safe.</summary>
    /// <exception cref="IOException">The disk refuses; nothing of the line remains.</exception>
    public void Append(long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        lock (_gate)
        {
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line))
            {
                json.WriteStartObject();
                json.WriteNumber("step", step);
                foreach (var (name, value) in values)
                {
                    json.WritePropertyName(name);
                    if (double.IsFinite(value))
                    {
                        json.WriteNumberValue(value);
                    }
                    else
                    {
                        json.WriteNullValue();
                    }
                }

                json.WriteEndObject();
            }

            _line.Write("\n"u8);
            var start = _file.Position;
            try
            {
                _file.Write(_line.WrittenSpan);
            }
            catch (IOException)
            {
                _file.SetLength(start);
                _file.Position = start;
                throw;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private static long EndOfLastLine(FileStream file)
    {
        var buffer = new byte[4096];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - buffer.Length);
            var block = buffer.AsSpan(0, (int)(end - start));
            file.Position = start;
            file.ReadExactly(block);
            var at = block.LastIndexOf((byte)'\n');
            if (at >= 0)
            {
                return start + at + 1;
            }

            end = start;
        }

        return 0;
    }
}
