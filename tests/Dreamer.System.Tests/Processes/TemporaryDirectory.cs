namespace Dreamer.System.Tests.Processes;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dreamer-test-").FullName;

    /// <summary>A path below it.</summary>
    public string this[string name] => global::System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
