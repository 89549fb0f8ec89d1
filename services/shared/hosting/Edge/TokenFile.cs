using Dreamer.Hosting.Configuration;

namespace Dreamer.Hosting.Edge;

/// <summary>Secrets come as files.</summary>
public static class TokenFile
{
    /// <summary>The secret in a file without surrounding white space; null when no file is named.</summary>
    /// <param name="setting">Key of the setting, for the error, e.g. <c>replay.token_file</c>.</param>
    /// <param name="path">Its value.</param>
    /// <exception cref="ConfigurationException">The file cannot be read or is empty.</exception>
    public static string? Read(string setting, string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{setting}: {path} cannot be read: {error.Message}", error);
        }

        return text.Length > 0 && text.All(letter => letter is > ' ' and <= '~')
            ? text
            : throw new ConfigurationException($"{setting}: {path} must hold one token of printable ASCII without spaces, e.g. from 'openssl rand -hex 32'.");
    }
}
