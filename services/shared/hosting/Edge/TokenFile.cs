using Dreamer.Hosting.Configuration;

namespace Dreamer.Hosting.Edge;

/// <summary>Secrets come as files, one token a line: a server takes each of them, a client shows the first. So a token is changed without an outage.</summary>
public static class TokenFile
{
    /// <summary>The token that a client shows; null when no file is named.</summary>
    /// <param name="setting">Key of the setting, for the error, e.g. <c>replay.token_file</c>.</param>
    /// <param name="path">Its value.</param>
    /// <exception cref="ConfigurationException">The file cannot be read or is empty.</exception>
    public static string? Read(string setting, string path) => ReadAll(setting, path) is [var first, ..] ? first : null;

    /// <summary>The tokens that a server takes; none when no file is named.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static IReadOnlyList<string> ReadAll(string setting, string path)
    {
        if (path.Length == 0)
        {
            return [];
        }

        string[] tokens;
        try
        {
            tokens = File.ReadAllText(path).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{setting}: {path} cannot be read: {error.Message}", error);
        }

        return tokens.Length > 0 && Array.TrueForAll(tokens, token => token.All(letter => letter is > ' ' and <= '~'))
            ? tokens
            : throw new ConfigurationException($"{setting}: {path} must hold one token of printable ASCII without spaces, e.g. from 'openssl rand -hex 32'.");
    }
}
