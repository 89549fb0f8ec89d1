using Grpc.Core;

namespace Dreamer.Hosting.Edge;

/// <summary>Which status a domain exception becomes at the edge; its message travels along.</summary>
public sealed class ErrorMap
{
    private readonly List<(Type Type, StatusCode Code)> _entries = [];

    /// <summary>Adds a row; the first row whose type fits wins.</summary>
    public ErrorMap Add<TException>(StatusCode code) where TException : Exception
    {
        _entries.Add((typeof(TException), code));
        return this;
    }

    /// <summary>The status of an exception, or null when it is none of those that a caller should see.</summary>
    public Status? StatusOf(Exception error)
    {
        foreach (var (type, code) in _entries)
        {
            if (type.IsInstanceOfType(error))
            {
                return new Status(code, error.Message);
            }
        }

        return null;
    }
}
