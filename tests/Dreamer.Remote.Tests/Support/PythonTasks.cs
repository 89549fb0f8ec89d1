namespace Dreamer.Remote.Tests.Support;

/// <summary>One server for all tests that ask it for a task of peers/tasks.py.</summary>
public sealed class PythonTasks : IAsyncLifetime
{
    private PythonServer? _server;

    /// <summary>What <c>--env</c> says.</summary>
    public string Name => _server!.Name;

    public async Task InitializeAsync() => _server = await PythonServer.StartAsync("choose");

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    /// <summary>The settings that ask for a task.</summary>
    internal static Environments.RemoteOptions Task(string task, params string[] settings) => new() { Create = [$"task={task}", .. settings] };
}
