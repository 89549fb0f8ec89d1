using System.Security.Cryptography;
using System.Text.Json;
using Dreamer.Environments.Crafter;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Tests;

/// <summary>
/// Crafter follows the original's recordings from the seed alone: world, creatures, inventory and reward, through the night,
/// whose noise must consume as many numbers as there. The pictures themselves are other tiles and not compared.
/// </summary>
public sealed class CrafterReplayTests
{
    private const int ImageSize = 64;

    [Fact]
    public void Worlds_and_episodes_follow_the_recording()
    {
        using var recording = Recording.Json("crafter");
        foreach (var run in recording.RootElement.GetProperty("runs").EnumerateArray())
        {
            var game = new CrafterGame(run.GetProperty("seed").GetUInt64(), ImageSize, assets: "");
            game.Reset();
            Draw(game);
            Assert.Equal(
                run.GetProperty("map").EnumerateArray().SelectMany(column => column.EnumerateArray()).Select(cell => (Material)cell.GetInt32()),
                from x in Enumerable.Range(0, 64) from y in Enumerable.Range(0, 64) select game.MaterialAt(x, y));
            foreach (var (index, step) in run.GetProperty("steps").EnumerateArray().Index())
            {
                var outcome = game.Advance(step[0].GetInt32());
                Draw(game);
                Assert.Equal(
                    (index, step[1].GetDouble(), step[2].GetInt32() == 1, Numbers(step[3]), Numbers(step[4]), step[5].GetString()),
                    (index, Math.Round(outcome.Reward, 6), outcome.Terminated, Inventory(game), $"{game.Position.X} {game.Position.Y}", SeenFromAbove(game)));
            }

            Assert.Equal(
                run.GetProperty("ach").EnumerateObject().Select(achievement => achievement.Value.GetInt32()), game.Achievements.ToArray());
        }
    }

    private static void Draw(CrafterGame game) => game.Draw(new Canvas(new byte[ImageSize * ImageSize * 3], ImageSize, ImageSize));

    private static string Numbers(JsonElement list) => string.Join(' ', list.EnumerateArray().Select(number => number.GetInt32()));

    private static string Inventory(CrafterGame game) => string.Join(' ', Enum.GetValues<Item>().Select(game.Amount));

    private static string SeenFromAbove(CrafterGame game)
    {
        var kinds = from x in Enumerable.Range(0, 64) from y in Enumerable.Range(0, 64) select game.KindAt(x, y);
        return Convert.ToHexStringLower(MD5.HashData(kinds.ToArray()))[..10];
    }
}
