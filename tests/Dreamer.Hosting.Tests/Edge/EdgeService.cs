using Grpc.Core;

namespace Dreamer.Hosting.Tests.Edge;

/// <summary>Echoes; throws what the text names.</summary>
internal sealed class EdgeService : Edge.EdgeBase
{
    public override Task<EdgeMessage> Read(EdgeMessage request, ServerCallContext context) => Task.FromResult(Checked(request));

    public override Task<EdgeMessage> Unlisted(EdgeMessage request, ServerCallContext context) => Task.FromResult(request);

    public override async Task<EdgeMessage> Write(IAsyncStreamReader<EdgeMessage> requestStream, ServerCallContext context)
    {
        var bytes = 0L;
        await foreach (var message in requestStream.ReadAllAsync())
        {
            bytes += Checked(message).Data.Length;
        }

        return new EdgeMessage { Text = bytes.ToString() };
    }

    public override Task Follow(EdgeMessage request, IServerStreamWriter<EdgeMessage> responseStream, ServerCallContext context) =>
        responseStream.WriteAsync(Checked(request));

    public override async Task Talk(IAsyncStreamReader<EdgeMessage> requestStream, IServerStreamWriter<EdgeMessage> responseStream, ServerCallContext context)
    {
        await foreach (var message in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(Checked(message));
        }
    }

    private static EdgeMessage Checked(EdgeMessage message) => message.Text switch
    {
        "schema" => throw new SchemaException("key 'image' differs"),
        "bug" => throw new InvalidOperationException("a secret of the inside"),
        _ => message,
    };
}
