using System.Net;

namespace Dreamer.Hosting.Edge;

/// <summary>
/// So much per second for each peer, which is a role at an address; what is left of a second may be taken at once. Thread safe. A peer that
/// has been idle for a second is like one that was never there, and is forgotten.
/// </summary>
/// <param name="perSecond">0 for any amount.</param>
internal sealed class PeerRates(double perSecond, TimeProvider time)
{
    private const int Remembered = 4096;

    private readonly Dictionary<(PeerRole, IPAddress), (double Left, long At)> _peers = [];
    private readonly Lock _gate = new();

    /// <summary>Whether there is a limit.</summary>
    public bool IsLimited => perSecond > 0;

    /// <summary>Takes one; false where the peer has none left.</summary>
    public bool TryTake((PeerRole, IPAddress) peer)
    {
        lock (_gate)
        {
            var left = Left(peer);
            if (IsLimited && left < 1)
            {
                return false;
            }

            Keep(peer, left - 1);
            return true;
        }
    }

    /// <summary>Takes an amount that is there already; what it is more than the peer had left, as the time until that has come together.</summary>
    public TimeSpan Take((PeerRole, IPAddress) peer, long amount)
    {
        lock (_gate)
        {
            var left = Left(peer) - amount;
            Keep(peer, left);
            return IsLimited && left < 0 ? TimeSpan.FromSeconds(-left / perSecond) : TimeSpan.Zero;
        }
    }

    private double Left((PeerRole, IPAddress) peer) => _peers.TryGetValue(peer, out var known) ? Left(known) : perSecond;

    private double Left((double Left, long At) known) => Math.Min(perSecond, known.Left + perSecond * time.GetElapsedTime(known.At).TotalSeconds);

    private void Keep((PeerRole, IPAddress) peer, double left)
    {
        if (!IsLimited)
        {
            return;
        }

        if (_peers.Count >= Remembered && !_peers.ContainsKey(peer))
        {
            foreach (var (idle, _) in _peers.Where(known => Left(known.Value) >= perSecond).ToArray())
            {
                _peers.Remove(idle);
            }
        }

        _peers[peer] = (left, time.GetTimestamp());
    }
}
