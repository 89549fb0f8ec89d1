namespace Dreamer.Spaces;

/// <summary>"Did you mean": the known name closest to what somebody typed.</summary>
public static class Suggest
{
    /// <summary>
    /// The candidate with the smallest edit distance to <paramref name="word"/>, upper and lower case alike (ties: the
    /// first); null when none is near, that is when more than half of the letters would have to change.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var smallest = Math.Max(3, word.Length / 2) + 1;
        foreach (var candidate in candidates)
        {
            // A name that was only begun is near, however long it goes on.
            var begun = word.Length >= 3 && candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase);
            var distance = begun ? 0 : Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < smallest)
            {
                (smallest, nearest) = (distance, candidate);
            }
        }

        return nearest;
    }

    /// <summary>Levenshtein distance: insertions, deletions and replacements that turn one word into the other.</summary>
    private static int Distance(string from, string to)
    {
        var previous = new int[to.Length + 1];
        var current = new int[to.Length + 1];
        for (var column = 0; column <= to.Length; column++)
        {
            previous[column] = column;
        }

        for (var row = 1; row <= from.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var replace = previous[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                current[column] = Math.Min(replace, 1 + Math.Min(previous[column], current[column - 1]));
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
