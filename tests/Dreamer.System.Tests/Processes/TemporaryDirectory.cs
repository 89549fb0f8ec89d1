namespace Dreamer.System.Tests.Processes;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dreamer-test-").FullName;

    /// <summary>A path below it.</summary>
    public string this[string name] => global::System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        for (var left = 100; ; left--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (left > 0)
            {
                // A process that was killed, a browser's helper say, may still put down what it had under way.
                Thread.Sleep(100);
            }
        }
    }
}
