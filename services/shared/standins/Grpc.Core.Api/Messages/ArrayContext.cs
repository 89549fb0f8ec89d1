using System.Buffers;

namespace Grpc.Core;

/// <summary>Lets a marshaller that works on a transport's buffers also work on an array.</summary>
internal sealed class ArrayContext(byte[]? payload) : SerializationContext
{
    private readonly ArrayBufferWriter<byte> _writer = new();
    private byte[]? _payload = payload;

    public byte[] Payload => _payload ?? throw new InvalidOperationException("The marshaller did not complete its payload.");

    public DeserializationContext AsInput() => new Input(Payload);

    public override void Complete(byte[] payload) => _payload = payload;

    public override IBufferWriter<byte> GetBufferWriter() => _writer;

    public override void Complete() => _payload = _writer.WrittenSpan.ToArray();

    private sealed class Input(byte[] payload) : DeserializationContext
    {
        public override int PayloadLength => payload.Length;

        public override byte[] PayloadAsNewBuffer() => [.. payload];

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
    }
}
