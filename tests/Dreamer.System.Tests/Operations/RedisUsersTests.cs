using System.Text.RegularExpressions;
using Dreamer.Redis;

namespace Dreamer.System.Tests.Operations;

/// <summary>Containers give Redis' users the rights that <see cref="RedisUsers"/> says, though shells write their files.</summary>
public sealed partial class RedisUsersTests
{
    [Theory]
    [InlineData("docker-compose.yml")]
    [InlineData("deploy/kubernetes/make-secrets")]
    public void The_rights_are_those_of_the_code(string file)
    {
        string[] expected = [.. RedisUsers.ToAcl("a", "b").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] written = [.. File.ReadLines(Path.Combine(Repository.Root, file)).Where(line => User().IsMatch(line))];
        Assert.Equal(expected.Select(Rights), written.Select(Rights));
    }

    private static string Rights(string line) => User().Match(line).Groups[1].Value + Resets().Match(line).Value;

    [GeneratedRegex(@"user (default|learner) on #")]
    private static partial Regex User();

    [GeneratedRegex(@" resetchannels [^\\""]*")]
    private static partial Regex Resets();
}
