using Grpc.Core;

namespace Dreamer.Build.Tests.Wire;

/// <summary>What the contracts do without a connection.</summary>
public sealed class ContractTests
{
    [Fact]
    public void MetadataKeysAreLowerCaseAndTheLastValueWins()
    {
        var metadata = new Metadata { { "Key", "1" }, { "KEY", "2" }, { "raw-bin", [9] } };

        Assert.Equal("2", metadata.GetValue("key"));
        Assert.Equal(["1", "2"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Null(metadata.Get("other"));
        Assert.True(metadata.Get("raw-bin")!.IsBinary);
        Assert.Throws<InvalidOperationException>(() => metadata.Get("raw-bin")!.Value);
        Assert.Equal("1"u8.ToArray(), metadata[0].ValueBytes);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("umläut")]
    [InlineData("text-bin")]
    public void MetadataRefusesKeysThatTheWireCannotCarry(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "value"));

    [Fact]
    public void BinaryMetadataNeedsItsSuffix() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", [1]));

    [Fact]
    public void EmptyMetadataStaysEmpty()
    {
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
        Assert.Empty(Metadata.Empty);
    }

    [Fact]
    public void AServiceIsBoundMethodByMethod()
    {
        var binder = new Names();

        Echo.BindService(new EchoService(new EchoLog())).BindService(binder);

        Assert.Equal(["Unary", "ClientStream", "ServerStream", "Duplex", "Hang", "Fail"], binder.Found);
    }

    [Fact]
    public void CallOptionsAreCopiedNotChanged()
    {
        var plain = new CallOptions(deadline: DateTime.UnixEpoch);
        var changed = plain.WithWaitForReady().WithHeaders([]);

        Assert.Equal((false, null, DateTime.UnixEpoch), (plain.IsWaitForReady, plain.Headers, plain.Deadline));
        Assert.Equal((true, DateTime.UnixEpoch), (changed.IsWaitForReady, changed.Deadline));
        Assert.NotNull(changed.Headers);
    }

    [Fact]
    public void ErrorsSayTheStatus()
    {
        var error = new RpcException(new Status(StatusCode.NotFound, "no such table"));

        Assert.Equal("Status(StatusCode=\"NotFound\", Detail=\"no such table\")", error.Message);
        Assert.Empty(error.Trailers);
    }

    private sealed class Names : ServiceBinderBase
    {
        public List<string> Found { get; } = [];

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => Found.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => Found.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => Found.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => Found.Add(method.Name);
    }
}
