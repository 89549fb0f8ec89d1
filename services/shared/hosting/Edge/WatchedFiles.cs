namespace Dreamer.Hosting.Edge;

/// <summary>What files hold, read again when one of them has changed: secrets and certificates are replaced without a restart. Thread safe.</summary>
/// <param name="paths">Looked at once per second at most; symbolic links are followed, as Kubernetes replaces those. Empty ones are left out.</param>
/// <param name="read">Makes the value of the files.</param>
/// <param name="time">Clock.</param>
/// <param name="failed">Told what is wrong with files that have changed and cannot be used; the value before stays.</param>
public sealed class WatchedFiles<T>(IEnumerable<string> paths, Func<T> read, TimeProvider time, Action<UserErrorException>? failed = null)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string[] _paths = [.. paths.Where(path => path.Length > 0)];
    private (DateTime, long)[] _stamps = [.. paths.Where(path => path.Length > 0).Select(Stamp)];
    private long _looked = time.GetTimestamp();
    private T _value = read();

    /// <summary>The newest value that could be read.</summary>
    public T Value
    {
        get
        {
            lock (_gate)
            {
                if (time.GetElapsedTime(_looked) >= Period)
                {
                    _looked = time.GetTimestamp();
                    Look();
                }

                return _value;
            }
        }
    }

    private void Look()
    {
        var stamps = _paths.Select(Stamp).ToArray();
        if (stamps.SequenceEqual(_stamps))
        {
            return;
        }

        try
        {
            _value = read();
            _stamps = stamps;
        }
        catch (UserErrorException error)
        {
            // Half written, perhaps: looked at again in a second.
            failed?.Invoke(error);
        }
    }

    private static (DateTime Changed, long Length) Stamp(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
