using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dreamer.Commands;

/// <summary><c>dreamer env</c></summary>
internal static class EnvCommand
{
    /// <summary>snake_case, and infinities as text.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Command Create() => new("env", "About environments.")
    {
        EnvListCommand.Create(), EnvShowCommand.Create(), EnvReplayCommand.Create(), EnvServeCommand.Create(),
    };
}
