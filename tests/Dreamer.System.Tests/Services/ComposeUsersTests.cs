using Dreamer.Redis;

namespace Dreamer.System.Tests.Services;

/// <summary>Compose writes Redis' users by a shell; they are those that <c>dreamer up</c> writes.</summary>
public sealed class ComposeUsersTests
{
    [Fact]
    public void The_users_of_compose_are_those_of_up()
    {
        var compose = File.ReadAllLines(Path.Combine(Repository.Root, "docker-compose.yml")).Select(line => line.Trim()).Where(line => line.StartsWith("user ", StringComparison.Ordinal) && line.Contains('#'));
        var up = RedisUsers.ToAcl("a", "b").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(up.Select(AfterPassword), compose.Select(AfterPassword));
        Assert.Equal(["user default on ", "user learner on "], up.Select(line => line.Split('#')[0]));

        static string AfterPassword(string line) => line[line.IndexOf("resetchannels", StringComparison.Ordinal)..];
    }
}
