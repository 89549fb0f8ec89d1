namespace Grpc.Core;

/// <summary>The version this assembly stands for.</summary>
public static class VersionInfo
{
    /// <summary>The assembly's version.</summary>
    public const string CurrentAssemblyVersion = "2.0.0.0";

    /// <summary>The file's version.</summary>
    public const string CurrentAssemblyFileVersion = "2.66.0.0";

    /// <summary>The package's version.</summary>
    public const string CurrentVersion = "2.80.0";
}
