using System.Net;
using System.Net.Sockets;
using System.Text;
using Dreamer.Policies;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>The users of Redis do their work, and nothing else.</summary>
public sealed class RedisUserTests : IAsyncLifetime
{
    private const string ReplayPassword = "of-the-replay-service";
    private const string LearnerPassword = "of-the-learner";

    private readonly TemporaryDirectory _directory = new();
    private RedisServer _server = null!;

    public async Task InitializeAsync()
    {
        var users = Path.Combine(_directory.Path, "users.acl");
        await File.WriteAllTextAsync(users, RedisUsers.ToAcl(ReplayPassword, LearnerPassword));
        _server = await RedisServer.StartAsync("--aclfile", users);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_replay_service_does_all_its_work_and_the_learner_reads_it()
    {
        await using var store = await RedisChunkStore.OpenAsync(_server.Options(password: ReplayPassword), TimeProvider.System, default);
        await using (var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions { ChunkSteps = 16, CapacitySteps = 16 * 4 }, TimeProvider.System, default))
        {
            buffer.UseSchema(Given.Schema);
            foreach (var chunk in Given.Chunks(1, 16 * 8))
            {
                Assert.Equal(CommitOutcome.Committed, (await buffer.AppendAsync(chunk, default)).Outcome);
            }

            await buffer.AdvanceDurableAsync(default);
            Assert.Equal(4, buffer.Status().Chunks);
            await store.ForgetAsync([Given.Stream(9)], default);
            await store.Vault.SaveAsync(PolicyBlob.Create(1, "{}"u8.ToArray(), new byte[8]), default);
            await store.Vault.SaveAsync(PolicyBlob.Create(2, "{}"u8.ToArray(), new byte[8]), default);
            Assert.Equal(2, (await store.Vault.LoadAsync(default))!.Version);
            var snapshot = await store.RecoverAsync(default);
            await using var reader = await RedisChunkReader.OpenAsync(_server.Options(password: LearnerPassword) with { User = RedisUsers.Learner }, default);
            var payloads = await reader.ReadAsync(snapshot.Records.Select(record => record.Id).ToArray(), default);
            Assert.Equal(Given.Encode(Given.Chunks(1, 16 * 8)[^1]), payloads[^1]!.Value.ToArray());
        }
    }

    [Theory]
    [InlineData("SET rb:{0}:c:1 x")]
    [InlineData("APPEND rb:{0}:c:1 x")]
    [InlineData("SETRANGE rb:{0}:c:1 0 x")]
    [InlineData("UNLINK rb:{0}:c:1")]
    [InlineData("EXPIRE rb:{0}:c:1 1")]
    [InlineData("HGET rb:{0}:streams x")]
    [InlineData("GETRANGE rb:{0}:w:1 0 -1")]
    [InlineData("GETRANGE other 0 -1")]
    [InlineData("HGETALL rb:{0}:meta")]
    [InlineData("HSET rb:{0}:meta epoch 9")]
    [InlineData("XRANGE rb:{0}:idx - +")]
    [InlineData("EVAL return 0")]
    [InlineData("CLUSTER NODES")]
    public Task The_learner_can_neither_write_nor_read_anything_else(string command) => AssertDeniedAsync($"{RedisUsers.Learner} {LearnerPassword}", command);

    [Theory]
    [InlineData("SET other x")]
    [InlineData("GET other")]
    [InlineData("UNLINK other")]
    [InlineData("EVAL \"return redis.call('SET','other','x')\" 0")]
    [InlineData("EVAL \"return redis.call('FLUSHALL')\" 0")]
    [InlineData("EVAL \"return redis.call('CONFIG','GET','*')\" 0")]
    public Task The_replay_service_touches_its_own_keys_only(string command) => AssertDeniedAsync(ReplayPassword, command);

    [Theory]
    [InlineData("KEYS *")]
    [InlineData("SCAN 0")]
    [InlineData("CONFIG GET *")]
    [InlineData("CONFIG SET dir /")]
    [InlineData("ACL LIST")]
    [InlineData("ACL SETUSER default nopass")]
    [InlineData("CLIENT LIST")]
    [InlineData("CLIENT KILL TYPE normal")]
    [InlineData("DEBUG SLEEP 0")]
    [InlineData("FLUSHALL")]
    [InlineData("FUNCTION LIST")]
    [InlineData("MODULE LIST")]
    [InlineData("MONITOR")]
    [InlineData("PUBLISH channel x")]
    [InlineData("REPLICAOF no one")]
    [InlineData("SAVE")]
    [InlineData("SCRIPT FLUSH")]
    [InlineData("SHUTDOWN NOSAVE")]
    [InlineData("SUBSCRIBE channel")]
    [InlineData("SWAPDB 0 1")]
    public async Task Nobody_administers(string command)
    {
        await AssertDeniedAsync(ReplayPassword, command);
        await AssertDeniedAsync($"{RedisUsers.Learner} {LearnerPassword}", command);
    }

    [Fact]
    public async Task Without_a_password_nobody_is_let_in()
    {
        Assert.StartsWith("-NOAUTH", await SendAsync("GET rb:{0}:meta"));
        Assert.StartsWith("-WRONGPASS", await SendAsync("AUTH guess"));
        Assert.StartsWith("-WRONGPASS", await SendAsync($"AUTH {RedisUsers.Learner} {ReplayPassword}"));
    }

    [Fact]
    public async Task A_process_with_the_wrong_user_is_told_which_setting_it_is()
    {
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(
            () => RedisChunkReader.OpenAsync(_server.Options("another", LearnerPassword) with { User = RedisUsers.Learner }, default));
        Assert.Contains("does not let the user 'learner' do that", error.Message);
        Assert.Contains("replay.user", error.Message);
    }

    private async Task AssertDeniedAsync(string login, string command)
    {
        var answers = (await SendAsync($"AUTH {login}", command)).Split("\r\n", 2);
        Assert.Equal("+OK", answers[0]);
        Assert.Matches("^-(NOPERM|ERR .*(can't run this|can't access|not allowed))", answers[1]);
    }

    /// <summary>Sends inline commands on a connection of their own; the answers as they come, until each has had a line.</summary>
    private async Task<string> SendAsync(params string[] commands)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(_server.Endpoint));
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(commands.Select(command => command + "\r\n"))));
        var answer = "";
        var buffer = new byte[4096];
        while (answer.Split("\r\n").Length <= commands.Length && await stream.ReadAsync(buffer) is > 0 and var read)
        {
            answer += Encoding.UTF8.GetString(buffer, 0, read);
        }

        return answer;
    }
}
