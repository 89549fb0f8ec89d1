using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Grpc.Core;

namespace Dreamer.Hosting.Tests.Edge;

public sealed class TokenTests : IDisposable
{
    private static readonly KeyValuePair<PeerRole, string>[] Tokens = [new(PeerRole.Actor, "actor-secret"), new(PeerRole.Learner, "learner-secret")];

    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-token").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_role_may_call_what_the_table_gives_it_and_nothing_else()
    {
        await using var host = await EdgeHost.StartAsync(Tokens);
        using var actor = host.Connect(Write("actor-secret\n"));
        using var learner = host.Connect(Write("learner-secret"));

        Assert.Equal("hi", (await new Edge.EdgeClient(actor.Invoker).ReadAsync(new EdgeMessage { Text = "hi" })).Text);
        Assert.Equal("hi", (await new Edge.EdgeClient(learner.Invoker).ReadAsync(new EdgeMessage { Text = "hi" })).Text);
        Assert.All(await StatusesAsync(actor, "x", unary: false), status => Assert.Equal(StatusCode.PermissionDenied, status.StatusCode));
        Assert.All(await StatusesAsync(learner, "x"), status => Assert.Equal(StatusCode.OK, status.StatusCode));

        var unlisted = await StatusAsync(new Edge.EdgeClient(learner.Invoker).UnlistedAsync(new EdgeMessage()).ResponseAsync);
        Assert.Equal((StatusCode.PermissionDenied, "the token of the learner role may not call /dreamer.tests.Edge/Unlisted"), (unlisted.StatusCode, unlisted.Detail));
    }

    [Theory]
    [InlineData(null, "this service asks for a token; set replay.token_file")]
    [InlineData("actor-secrex", "the token is not known here; check replay.token_file")]
    [InlineData("actor-secret-and-more", "the token is not known here; check replay.token_file")]
    public async Task Missing_and_wrong_tokens_are_refused_for_every_kind_of_call(string? token, string detail)
    {
        await using var host = await EdgeHost.StartAsync(Tokens);
        using var channel = host.Connect(token is null ? "" : Write(token));
        var statuses = await StatusesAsync(channel, "x");
        Assert.Equal(4, statuses.Count);
        Assert.All(statuses, status => Assert.Equal((StatusCode.Unauthenticated, detail), (status.StatusCode, status.Detail)));

        using var http = new HttpClient();
        Assert.Contains("dreamer_edge_calls_refused_total{reason=\"token\"}", await http.GetStringAsync(host.Health + "/metrics"));
    }

    [Fact]
    public async Task Without_tokens_nobody_is_asked()
    {
        await using var host = await EdgeHost.StartAsync();
        using var channel = host.Connect();
        Assert.Equal("", (await new Edge.EdgeClient(channel.Invoker).UnlistedAsync(new EdgeMessage())).Text);
    }

    [Fact]
    public async Task Domain_errors_become_statuses_and_bugs_stay_inside()
    {
        await using var host = await EdgeHost.StartAsync();
        using var channel = host.Connect();
        Assert.All(await StatusesAsync(channel, "schema"), status => Assert.Equal((StatusCode.FailedPrecondition, "key 'image' differs"), (status.StatusCode, status.Detail)));
        Assert.All(await StatusesAsync(channel, "bug"), status =>
        {
            Assert.Equal(StatusCode.Internal, status.StatusCode);
            Assert.DoesNotContain("secret", status.Detail);
        });
    }

    [Fact]
    public async Task A_stream_may_be_longer_than_kestrel_s_limit_but_a_message_not_longer_than_ours()
    {
        await using var host = await EdgeHost.StartAsync();
        using var channel = host.Connect();
        var client = new Edge.EdgeClient(channel.Invoker);
        using var stream = client.Write();
        var message = new EdgeMessage { Data = Google.Protobuf.ByteString.CopyFrom(new byte[1_000_000]) };
        for (var i = 0; i < 34; i++)
        {
            await stream.RequestStream.WriteAsync(message);
        }

        await stream.RequestStream.CompleteAsync();
        Assert.Equal("34000000", (await stream).Text);

        var tooLarge = await StatusAsync(client.ReadAsync(new EdgeMessage { Data = Google.Protobuf.ByteString.CopyFrom(new byte[2_000_000]) }).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, tooLarge.StatusCode);
    }

    [Fact]
    public void Token_files_that_cannot_serve_are_named()
    {
        Assert.Null(TokenFile.Read("replay.token_file", ""));
        Assert.Equal("abc", TokenFile.Read("replay.token_file", Write(" abc \n")));
        Assert.StartsWith("replay.token_file: ", Assert.Throws<ConfigurationException>(() => TokenFile.Read("replay.token_file", Path.Combine(_directory, "none"))).Message);
        Assert.Contains("openssl rand", Assert.Throws<ConfigurationException>(() => TokenFile.Read("replay.token_file", Write("\n"))).Message);
        Assert.Contains("openssl rand", Assert.Throws<ConfigurationException>(() => TokenFile.Read("replay.token_file", Write("two words"))).Message);
    }

    [Fact]
    public void Roles_come_from_their_settings_and_must_differ()
    {
        var book = TokenBook.Load(new ReplaySettings { ActorTokenFile = Write("a"), LearnerTokenFile = Write("b"), OperatorTokenFile = Write("c") }, TimeProvider.System);
        Assert.Equal([PeerRole.Actor, PeerRole.Learner, PeerRole.Operator, PeerRole.None], new[] { "a", "b", "c", "d" }.Select(book.Find));
        var error = Assert.Throws<ConfigurationException>(() => TokenBook.Load(new ReplaySettings { ActorTokenFile = Write("a"), LearnerTokenFile = Write("a") }, TimeProvider.System));
        Assert.StartsWith("replay.learner_token_file: the token is the same as that of replay.actor_token_file", error.Message);
    }

    [Fact]
    public void A_token_is_changed_without_a_restart_and_without_an_outage()
    {
        var clock = new ManualClock();
        var (actor, learner) = (Write("old"), Write("learner"));
        var book = TokenBook.Load(new ReplaySettings { ActorTokenFile = actor, LearnerTokenFile = learner }, clock);
        var warnings = new List<string>();
        book.Warning += warnings.Add;

        // Both are taken while clients move from one to the other; they show the first.
        File.WriteAllText(actor, "new\nold\n");
        clock.Advance(2);
        Assert.Equal([PeerRole.Actor, PeerRole.Actor, PeerRole.Learner], new[] { "old", "new", "learner" }.Select(book.Find));
        Assert.Equal("new", TokenFile.Read("replay.token_file", actor));
        File.WriteAllText(actor, "new");
        clock.Advance(2);
        Assert.Equal([PeerRole.None, PeerRole.Actor], new[] { "old", "new" }.Select(book.Find));

        // Nobody is locked out, nor let in, by a file that cannot be used.
        File.WriteAllText(actor, "");
        clock.Advance(2);
        Assert.Equal(PeerRole.Actor, book.Find("new"));
        File.WriteAllText(actor, "learner");
        clock.Advance(2);
        Assert.Equal([PeerRole.Actor, PeerRole.Learner], new[] { "new", "learner" }.Select(book.Find));
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains("token_file: ", warning));
    }

    [Fact]
    public async Task A_client_shows_the_token_that_its_file_holds_now()
    {
        var file = Write("actor-secret");
        await using var host = await EdgeHost.StartAsync(Tokens);
        using var channel = host.Connect(file);
        var client = new Edge.EdgeClient(channel.Invoker);
        Assert.Equal("hi", (await client.ReadAsync(new EdgeMessage { Text = "hi" })).Text);
        File.WriteAllText(file, "learner-secret-that-nobody-knows");
        Assert.True(await UntilAsync(async () => (await StatusAsync(client.ReadAsync(new EdgeMessage()).ResponseAsync)).StatusCode == StatusCode.Unauthenticated));
    }

    [Fact]
    public async Task A_call_is_refused_before_its_message_is_read()
    {
        await using var host = await EdgeHost.StartAsync(Tokens);
        using var channel = host.Connect();
        var bytes = Marshallers.Create<byte[]>(message => message, message => message);

        // On the wire a unary call is one that sends a single message: this one sends none.
        using var call = channel.Invoker.AsyncDuplexStreamingCall(
            new Method<byte[], byte[]>(MethodType.DuplexStreaming, "dreamer.tests.Edge", "Read", bytes, bytes), null, new CallOptions());
        Assert.Equal(StatusCode.Unauthenticated, (await StatusAsync(call.ResponseStream.MoveNext())).StatusCode);
    }

    private static async Task<bool> UntilAsync(Func<Task<bool>> condition)
    {
        for (var left = 3000; left > 0; left--)
        {
            if (await condition())
            {
                return true;
            }

            await Task.Delay(20);
        }

        return false;
    }

    private string Write(string text)
    {
        var path = Path.Combine(_directory, Path.GetRandomFileName());
        File.WriteAllText(path, text);
        return path;
    }

    // One call of each kind; only the unary one is open to actors.
    private static async Task<List<Status>> StatusesAsync(ReplayChannel channel, string text, bool unary = true)
    {
        var client = new Edge.EdgeClient(channel.Invoker);
        var message = new EdgeMessage { Text = text };
        using var write = client.Write();
        using var follow = client.Follow(message);
        using var talk = client.Talk();
        return
        [
            .. unary ? new[] { await StatusAsync(client.ReadAsync(message).ResponseAsync) } : [],
            await StatusAsync(Push(write)),
            await StatusAsync(follow.ResponseStream.MoveNext()),
            await StatusAsync(Converse(talk)),
        ];

        async Task Push(AsyncClientStreamingCall<EdgeMessage, EdgeMessage> call)
        {
            await Ignoring(call.RequestStream.WriteAsync(message));
            await Ignoring(call.RequestStream.CompleteAsync());
            await call;
        }

        async Task Converse(AsyncDuplexStreamingCall<EdgeMessage, EdgeMessage> call)
        {
            await Ignoring(call.RequestStream.WriteAsync(message));
            await call.ResponseStream.MoveNext();
        }
    }

    // A refused call may end while it is being written; its status is read afterwards.
    private static async Task Ignoring(Task write)
    {
        try
        {
            await write;
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException or OperationCanceledException)
        {
        }
    }

    private static async Task<Status> StatusAsync(Task call)
    {
        try
        {
            await call;
            return Status.DefaultSuccess;
        }
        catch (RpcException error)
        {
            return error.Status;
        }
    }
}
