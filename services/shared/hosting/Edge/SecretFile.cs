using System.Security.Cryptography;

namespace Dreamer.Hosting.Edge;

/// <summary>Files that nobody but their owner may read.</summary>
public static class SecretFile
{
    /// <summary>Writes a secret, whole or not at all.</summary>
    public static void Write(string path, string text)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(new FileStream(fresh, options)))
        {
            writer.Write(text);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>A file with 32 random bytes in hexadecimal, made where it is missing; returns its path.</summary>
    public static string Random(string path)
    {
        if (!File.Exists(path))
        {
            Write(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        return path;
    }
}
