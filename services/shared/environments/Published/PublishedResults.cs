using System.Collections.Immutable;
using System.Globalization;

namespace Dreamer.Environments.Published;

/// <summary>What the papers of the family report, and the action repeats they report it with.</summary>
public static class PublishedResults
{
    private static readonly ImmutableArray<(string Agent, string Observation, int[] Steps)> Columns =
    [
        ("planet", "image", [1_000_000]),
        ("dreamer_v1", "image", [500_000, 1_000_000, 5_000_000]),
        ("dreamer_v2", "image", [1_000_000]),
        ("dreamer_v3", "image", [100_000, 250_000, 500_000, 1_000_000]),
        ("dreamer_v3", "vector", [50_000, 100_000, 250_000, 500_000]),
    ];

    // Means over seeds of the learning curves that the authors published, at the columns' numbers of steps.
    private const string Scores = """
        dmc_pendulum_swingup        |     | 789 828 793 | 792 | 306 567 654 744 | 182 745 849 779
        dmc_cartpole_balance        |     | 982 988 619 | 995 | 946 988 990 987 | 490 816 961 991
        dmc_cartpole_swingup        | 821 | 678 855 861 | 861 | 597 809 840 860 | 322 516 817 851
        dmc_cartpole_swingup_sparse |     | 800 797 779 | 808 |  59 433 696 763 |   3  22 217 462
        dmc_acrobot_swingup         |     | 337 410 465 | 397 |  40  65 105 223 |  63  52  77 158
        dmc_reacher_easy            | 832 | 430 603 973 | 947 | 376 622 832 953 | 631 657 882 944
        dmc_ball_in_cup_catch       | 930 | 962 967 966 | 792 | 864 954 967 973 | 571 743 950 964
        dmc_finger_spin             | 700 | 339 515 374 | 385 | 503 553 573 588 | 498 768 880 936
        dmc_hopper_stand            |     | 610 907 929 | 903 | 270 674 832 905 |  17  95 479 544
        dmc_cheetah_run             | 662 | 630 713 876 | 731 | 308 473 655 832 | 228 297 465 600
        dmc_walker_stand            |     | 960 960 966 | 971 | 909 957 971 976 | 400 791 954 953
        dmc_walker_walk             | 951 | 886 956 954 | 960 | 605 899 940 960 | 289 478 876 941
        dmc_walker_run              |     | 463 718 822 | 683 | 218 434 604 684 | 113 243 529 637
        dmc_quadruped_walk          |     | 223 446 918 | 699 | 128 136 369 802 |
        """;

    private static readonly ImmutableDictionary<string, ImmutableArray<PublishedScore>> All = Read();

    private static readonly ImmutableDictionary<string, int> PlanetRepeats = new Dictionary<string, int>
    {
        ["dmc_cartpole_"] = 8,
        ["dmc_reacher_"] = 4,
        ["dmc_cheetah_"] = 4,
        ["dmc_ball_in_cup_"] = 4,
        ["dmc_finger_"] = 2,
        ["dmc_walker_"] = 2,
    }.ToImmutableDictionary();

    /// <summary>Scores of an environment, oldest agent first; none for most.</summary>
    public static ImmutableArray<PublishedScore> Of(string environment) => All.GetValueOrDefault(environment, []);

    /// <summary>
    /// Environment steps per action that each agent was published with. DreamerV3 has used 1 since December 2024, and 2 before.
    /// </summary>
    public static ImmutableSortedDictionary<string, int> ActionRepeats(string environment)
    {
        var repeats = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        if (environment.StartsWith("dmc_", StringComparison.Ordinal))
        {
            (repeats["dreamer_v1"], repeats["dreamer_v2"], repeats["dreamer_v3"]) = (2, 2, 1);
            foreach (var (domain, repeat) in PlanetRepeats)
            {
                if (environment.StartsWith(domain, StringComparison.Ordinal))
                {
                    repeats["planet"] = repeat;
                }
            }
        }
        else if (Of(environment) is { Length: > 0 } scores)
        {
            foreach (var score in scores)
            {
                repeats[score.Agent] = 1;
            }
        }

        return repeats.ToImmutable();
    }

    private static ImmutableDictionary<string, ImmutableArray<PublishedScore>> Read()
    {
        var all = ImmutableDictionary.CreateBuilder<string, ImmutableArray<PublishedScore>>();
        foreach (var row in Scores.Split('\n'))
        {
            var cells = row.Split('|');
            all[cells[0].Trim()] = [.. Columns.SelectMany((column, index) => cells[index + 1]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select((score, at) => new PublishedScore(column.Agent, column.Observation, column.Steps[at], double.Parse(score, CultureInfo.InvariantCulture))))];
        }

        // Mean rewards; the papers' own figure is the score over achievements.
        all["crafter"] = [new("dreamer_v2", "image", 1_000_000, 9.0), new("dreamer_v3", "image", 1_000_000, 11.7)];
        return all.ToImmutable();
    }
}
