using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dreamer.Experience;

namespace Dreamer.Replay;

/// <summary>The learner and the evaluation actors, as far as their calls tell. Thread safe.</summary>
public sealed class Attendance(TimeProvider time)
{
    private const int MaxEvaluators = 1024;

    private readonly TimeProvider _time = time;
    private readonly long _began = time.GetTimestamp();
    private readonly ConcurrentDictionary<string, Evaluator> _evaluators = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _updates = -1;
    private long _lastCall;
    private int _asking;
    private bool _attached;
    private bool _seen;

    /// <summary>Since the service began.</summary>
    public TimeSpan Uptime => _time.GetElapsedTime(_began);

    /// <summary>The learner: attached, how long silent (0 while it waits for a plan), updates of the checkpoint it left (-1 for none); null before it came.</summary>
    public (bool Attached, TimeSpan Silence, long Updates)? Learner
    {
        get
        {
            lock (_gate)
            {
                return _seen ? (_attached, _asking > 0 ? TimeSpan.Zero : _time.GetElapsedTime(_lastCall), _updates) : null;
            }
        }
    }

    /// <summary>The evaluation actors by name.</summary>
    public ImmutableArray<Evaluator> Evaluators => [.. _evaluators.Values.OrderBy(evaluator => evaluator.Name, StringComparer.Ordinal)];

    /// <summary>The learner has attached.</summary>
    public void Attach()
    {
        lock (_gate)
        {
            (_seen, _attached, _updates, _lastCall) = (true, true, -1, _time.GetTimestamp());
        }
    }

    /// <summary>The learner ends with a checkpoint of that many updates.</summary>
    public void Detach(long updates)
    {
        lock (_gate)
        {
            (_seen, _attached, _updates, _lastCall) = (true, false, updates, _time.GetTimestamp());
        }
    }

    /// <summary>The learner waits for a plan until the result is disposed.</summary>
    public IDisposable Ask()
    {
        lock (_gate)
        {
            _asking++;
        }

        return new Asking(this);
    }

    /// <summary>Takes note of scores.</summary>
    public void Report(string actor, IReadOnlyList<EvaluatedEpisode> episodes)
    {
        if (episodes.Count > 0 && (_evaluators.Count < MaxEvaluators || _evaluators.ContainsKey(actor)))
        {
            var newest = episodes[^1];
            _evaluators[actor] = new Evaluator(actor, newest.PolicyVersion, newest.PolicySteps, episodes.Average(episode => episode.Return), episodes.Count, _time.GetTimestamp());
        }
    }

    /// <summary>Since an evaluation actor reported.</summary>
    public TimeSpan Silence(Evaluator evaluator) => _time.GetElapsedTime(evaluator.At);

    /// <summary>The newest report of one evaluation actor.</summary>
    /// <param name="Name">As it calls itself.</param>
    /// <param name="PolicyVersion">The weights that it scored.</param>
    /// <param name="PolicySteps">Steps in the replay when they were published.</param>
    /// <param name="Score">Mean return.</param>
    /// <param name="Episodes">Over that many.</param>
    /// <param name="At">Timestamp of the report.</param>
    public sealed record Evaluator(string Name, long PolicyVersion, long PolicySteps, double Score, int Episodes, long At);

    private sealed class Asking(Attendance attendance) : IDisposable
    {
        public void Dispose()
        {
            lock (attendance._gate)
            {
                attendance._asking--;
                attendance._lastCall = attendance._time.GetTimestamp();
            }
        }
    }
}
