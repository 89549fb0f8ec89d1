namespace Grpc.Core.Utils;

/// <summary>Checks that throw.</summary>
public static class GrpcPreconditions
{
    /// <summary>An argument must be right.</summary>
    public static void CheckArgument(bool condition)
    {
        if (!condition)
        {
            throw new ArgumentException(null);
        }
    }

    /// <summary>An argument must be right, with a message.</summary>
    public static void CheckArgument(bool condition, string errorMessage)
    {
        if (!condition)
        {
            throw new ArgumentException(errorMessage);
        }
    }

    /// <summary>A reference must be there.</summary>
    public static T CheckNotNull<T>(T reference) => reference ?? throw new ArgumentNullException();

    /// <summary>A parameter must be there.</summary>
    public static T CheckNotNull<T>(T reference, string paramName) => reference ?? throw new ArgumentNullException(paramName);

    /// <summary>The state must be right.</summary>
    public static void CheckState(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException();
        }
    }

    /// <summary>The state must be right, with a message.</summary>
    public static void CheckState(bool condition, string errorMessage)
    {
        if (!condition)
        {
            throw new InvalidOperationException(errorMessage);
        }
    }
}
