namespace Dreamer.Experience.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dreamer-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
