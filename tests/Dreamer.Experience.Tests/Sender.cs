namespace Dreamer.Experience.Tests;

/// <summary>What an actor does.</summary>
internal static class Sender
{
    /// <summary>Sends from the mark that the replay names until everything is in.</summary>
    public static async Task SendAsync(ReplayBuffer buffer, List<Chunk> chunks)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var next = (int)buffer.NextSequence(chunks[0].Stream);
        while (next < chunks.Count)
        {
            try
            {
                next = (int)(await buffer.AppendAsync(chunks[next], patience.Token)).NextSequence;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(20, patience.Token);
            }
        }
    }
}
