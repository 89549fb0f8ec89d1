using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dreamer.Reporting.TensorBoard;

/// <summary>
/// What TensorBoard reads: a file of records, each an Event message with its length and two checksums. Every life of a run begins a file
/// of its own with its first record, so the torn end that a crash may leave in an earlier one is never written behind; TensorBoard
/// reads all files of a directory as one run. Whole records or nothing. Thread safe.
/// </summary>
/// <param name="directory">Of the run.</param>
/// <param name="clock">Tells the wall time of each record.</param>
public sealed class EventFile(string directory, TimeProvider clock) : IDisposable
{
    // Fields of tensorflow.Event, tensorflow.Summary, its Value and its Image.
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int SummaryValue = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;
    private const int ImageValue = 4;
    private const int ImageHeight = 1;
    private const int ImageWidth = 2;
    private const int ImageChannels = 3;
    private const int ImageEncoded = 4;

    private readonly Lock _gate = new();
    private FileStream? _file;

    /// <summary>Appends figures of one moment.</summary>
    /// <param name="envStep">Environment steps so far.</param>
    /// <param name="values">Name to value; stored as float32.</param>
    /// <exception cref="IOException">The disk refuses; nothing of the record remains.</exception>
    public void AddScalars(long envStep, IEnumerable<KeyValuePair<string, double>> values)
    {
        var summary = new ProtoMessage();
        foreach (var (name, value) in values)
        {
            summary.Block(SummaryValue, new ProtoMessage().Block(Tag, Encoding.UTF8.GetBytes(name)).Float(SimpleValue, (float)value).Bytes);
        }

        Append(envStep, Summary, summary.Bytes);
    }

    /// <summary>Appends a picture.</summary>
    /// <param name="envStep">Environment steps so far.</param>
    /// <param name="name">What it shows.</param>
    /// <param name="picture">Size and channels; of a film those of a frame.</param>
    /// <param name="encoded">A PNG or GIF file.</param>
    /// <exception cref="IOException">The disk refuses; nothing of the record remains.</exception>
    public void AddImage(long envStep, string name, Raster picture, ReadOnlySpan<byte> encoded)
    {
        var image = new ProtoMessage().Integer(ImageHeight, picture.Height).Integer(ImageWidth, picture.Width)
            .Integer(ImageChannels, picture.Channels).Block(ImageEncoded, encoded);
        var value = new ProtoMessage().Block(Tag, Encoding.UTF8.GetBytes(name)).Block(ImageValue, image.Bytes);
        Append(envStep, Summary, new ProtoMessage().Block(SummaryValue, value.Bytes).Bytes);
    }

    public void Dispose() => _file?.Dispose();

    private void Append(long envStep, int field, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            _file ??= Create();
            Write(_file, Event(envStep, field, content));
        }
    }

    private ProtoMessage Event(long envStep, int field, ReadOnlySpan<byte> content) =>
        new ProtoMessage().Double(WallTime, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds).Integer(Step, envStep).Block(field, content);

    private FileStream Create()
    {
        // TensorBoard looks for "tfevents" and reads the files of a directory in the order of their names.
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds():d10}.{Environment.MachineName}.");
        var number = Directory.GetFiles(directory, "events.out.tfevents.*").Length;
        var path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}{number:d4}"));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            Write(file, Event(0, FileVersion, "brain.Event:2"u8));
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    // TFRecord: length, its checksum, the message, its checksum.
    private static void Write(FileStream file, ProtoMessage message)
    {
        var content = message.Bytes;
        var record = new byte[content.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Masked(record.AsSpan(0, 8)));
        content.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + content.Length), Masked(content));
        var start = file.Position;
        try
        {
            file.Write(record);
        }
        catch (IOException)
        {
            file.SetLength(start);
            file.Position = start;
            throw;
        }
    }

    // CRC-32C, rotated and shifted so that a checksum of data that holds checksums stays sound.
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
