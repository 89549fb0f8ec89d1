using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Programs;
using Dreamer.Spaces;
using Grpc.Core;

namespace Dreamer.Hosting.Tests;

public sealed class ProgramRunnerTests
{
    [Fact]
    public async Task Errors_of_the_user_are_one_line_with_their_exit_code()
    {
        Assert.Equal((1, "error: replay.redis: nobody answers; start redis-server."), await RunAsync(new UserErrorException("replay.redis: nobody\nanswers; start redis-server.".Replace("\n", " "))));
        Assert.Equal((2, "error: unknown flag --x"), await RunAsync(new ConfigurationException("unknown flag --x")));
        Assert.Equal((1, "error: two lines"), await RunAsync(new IOException("two\nlines")));
        Assert.Equal((1, "error: odd"), await RunAsync(new OddException("odd")));
        Assert.Equal((2, "error: inner"), await RunAsync(new AggregateException(new ConfigurationException("inner"))));
    }

    [Fact]
    public async Task Arguments_of_a_person_are_one_line_and_those_of_a_method_a_bug()
    {
        Assert.Equal((1, "error: env.size must be at least 8"), await RunAsync(new ArgumentException("env.size must be at least 8")));
        Assert.Equal((1, "error: no images of 7x7"), await RunAsync(new NotSupportedException("no images of 7x7")));
        Assert.StartsWith("unexpected error: ", (await RunAsync(new ArgumentException("too short", "values"))).Line);
    }

    [Fact]
    public async Task A_full_disk_names_the_remedy()
    {
        var (code, line) = await RunAsync(new IOException("No space left on device : '/data/metrics.jsonl'", 28));
        Assert.Equal(1, code);
        Assert.Equal("error: the disk is full: No space left on device : '/data/metrics.jsonl'; free some space or choose another directory with --logdir.", line);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, "error: replay.address: the replay service does not answer (gone); start it or correct the address.")]
    [InlineData(StatusCode.Unauthenticated, "error: replay.token_file: the replay service refused the call: gone.")]
    [InlineData(StatusCode.FailedPrecondition, "error: the replay service refused the call with FailedPrecondition: gone")]
    public async Task Refusals_of_the_service_name_the_setting(StatusCode status, string expected) =>
        Assert.Equal((1, expected), await RunAsync(new RpcException(new Status(status, "gone"))));

    [Fact]
    public async Task Bugs_show_where_they_are()
    {
        var (code, line) = await RunAsync(new InvalidOperationException("bug"));
        Assert.Equal(1, code);
        Assert.StartsWith("unexpected error: System.InvalidOperationException: bug", line);
        Assert.Contains(nameof(RunAsync), line);
    }

    [Fact]
    public async Task Cancelled_by_request_is_success_and_otherwise_an_error()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(0, await ProgramRunner.RunAsync(token => Task.FromCanceled<int>(token), TextWriter.Null, stop.Token));
        Assert.Equal(1, await ProgramRunner.RunAsync(_ => throw new TaskCanceledException(), TextWriter.Null, CancellationToken.None));
        Assert.Equal(7, await ProgramRunner.RunAsync(_ => Task.FromResult(7)));
    }

    private static async Task<(int Code, string Line)> RunAsync(Exception thrown)
    {
        var errors = new StringWriter();
        var code = await ProgramRunner.RunAsync(_ => throw thrown, errors, CancellationToken.None);
        return (code, errors.ToString().TrimEnd('\n'));
    }

    private sealed class OddException(string message) : Exception(message), IPlainError;
}
