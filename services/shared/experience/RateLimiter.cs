namespace Dreamer.Experience;

/// <summary>
/// Holds the train ratio: <c>credit = (steps inserted since counting began) x ratio - (steps replayed)</c>. Counting
/// begins when enough windows exist, with one batch (or those of the pretraining) to spend at once. Learners wait while the credit is below one batch, actors while it is above the
/// tolerance. A pure state machine: no clock, no lock, and the sums start at a base point, so nothing drifts.
/// </summary>
public sealed class RateLimiter
{
    private readonly long _initialCredit;
    private RateLimiterState _base;

    /// <summary>Steps that actors were let to send and that have not come.</summary>
    private long _promised;

    /// <param name="ratio">Replayed steps per inserted step.</param>
    /// <param name="batchSteps">Steps replayed by one batch, B x T.</param>
    /// <param name="tolerance">Credit above which inserts wait; raised to one batch, below which both sides would wait.</param>
    /// <param name="minItems">Windows needed before counting begins and at every draw.</param>
    /// <param name="inserted">Steps inserted so far.</param>
    /// <param name="pretrainBatches">Batches to spend when counting begins, before actors go on; at least one.</param>
    public RateLimiter(double ratio, long batchSteps, double tolerance, long minItems, long inserted, long pretrainBatches = 1)
    {
        CheckRatio(ratio);
        BatchSteps = batchSteps;
        Tolerance = Math.Max(tolerance, batchSteps);
        MinItems = Math.Max(1, minItems);
        Inserted = inserted;
        _initialCredit = batchSteps * Math.Max(1, pretrainBatches);
        _base = new RateLimiterState(false, 0, inserted, 0, ratio);
    }

    /// <summary>Replayed steps per inserted step.</summary>
    public double Ratio => _base.Ratio;

    /// <summary>Steps replayed by one batch.</summary>
    public long BatchSteps { get; }

    /// <summary>Credit above which inserts wait.</summary>
    public double Tolerance { get; }

    /// <summary>Windows needed before a draw.</summary>
    public long MinItems { get; }

    /// <summary>Steps inserted in all.</summary>
    public long Inserted { get; private set; }

    /// <summary>Steps replayed in all.</summary>
    public long Replayed { get; private set; }

    /// <summary>What to save: everything but the two totals, which their owners save.</summary>
    public RateLimiterState State => _base;

    /// <summary>Replayed steps owed; 0 until counting begins.</summary>
    public double Credit => _base.Started
        ? _base.BaseCredit + ((Inserted - _base.BaseInserted) * _base.Ratio) - (Replayed - _base.BaseReplayed)
        : 0;

    /// <summary>Replayed over inserted steps since counting began, 0 before.</summary>
    public double RealisedRatio => _base.Started && Inserted > _base.BaseInserted
        ? (Replayed - _base.BaseReplayed) / (double)(Inserted - _base.BaseInserted)
        : 0;

    /// <summary>Whether actors may insert.</summary>
    public bool CanInsert(long items) => items < MinItems || Credit <= Tolerance;

    /// <summary>Whether a batch may be drawn.</summary>
    public bool CanSample(long items) => _base.Started && items >= MinItems && Credit >= BatchSteps;

    /// <summary>
    /// Lets one actor send so many steps, if they may come beside those that others were let to send before: else all who wait
    /// would come at once, with experience of one and the same policy. Where the learner has nothing left to train on nobody
    /// waits for those who were let go and do not come.
    /// </summary>
    public bool Promise(int steps, long items)
    {
        if (!_base.Started || items < MinItems)
        {
            return true;
        }

        _promised = Credit < BatchSteps ? 0 : _promised;
        if (Credit + (_promised * Ratio) > Tolerance)
        {
            return false;
        }

        _promised += steps;
        return true;
    }

    /// <summary>Counts inserted steps; <paramref name="items"/> windows exist afterwards. True when counting began here.</summary>
    public bool Insert(int steps, long items)
    {
        Inserted += steps;
        _promised = Math.Max(0, _promised - steps);
        return Start(items);
    }

    /// <summary>Counts one drawn batch.</summary>
    public void Sample() => Replayed += BatchSteps;

    /// <summary>Takes the count of one drawn batch back: nobody could read it.</summary>
    public void Return() => Replayed -= BatchSteps;

    /// <summary>Begins counting here if enough windows exist and it has not begun.</summary>
    public bool Start(long items)
    {
        if (_base.Started || items < MinItems)
        {
            return false;
        }

        _base = _base with { Started = true, BaseCredit = _initialCredit, BaseInserted = Inserted, BaseReplayed = Replayed };
        return true;
    }

    /// <summary>Changes the ratio from here on; what was earned before stays earned.</summary>
    public void SetRatio(double ratio)
    {
        CheckRatio(ratio);
        if (ratio != _base.Ratio)
        {
            _base = new RateLimiterState(_base.Started, Credit, Inserted, Replayed, ratio);
        }
    }

    /// <summary>Continues a saved run whose learner has replayed <paramref name="replayed"/> steps.</summary>
    /// <param name="saved">State to continue from; null when nothing was saved: counting begins anew.</param>
    /// <param name="replayed">Replayed steps of the learner's checkpoint.</param>
    /// <param name="maxCatchUp">Most credit to owe now.</param>
    /// <returns>Credit given up because of <paramref name="maxCatchUp"/>.</returns>
    public double Resume(RateLimiterState? saved, long replayed, double maxCatchUp)
    {
        Replayed = replayed;
        var ratio = _base.Ratio;
        if (saved is null || !saved.Started || saved.BaseInserted > Inserted)
        {
            _base = new RateLimiterState(false, 0, Inserted, replayed, ratio);
            return 0;
        }

        _base = saved;
        var dropped = Math.Max(0, Credit - maxCatchUp);
        _base = _base with { BaseCredit = _base.BaseCredit - dropped };
        SetRatio(ratio);
        return dropped;
    }

    /// <summary>
    /// The store lost steps (or found some). Those that actors send again are counted again; when the store was wiped,
    /// counting begins anew.
    /// </summary>
    public void CorrectInserted(long inserted)
    {
        Inserted = inserted;
        if (inserted < _base.BaseInserted)
        {
            _base = new RateLimiterState(false, 0, inserted, Replayed, Ratio);
        }
    }

    private static void CheckRatio(double ratio)
    {
        if (!(ratio > 0) || !double.IsFinite(ratio))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "limiter.train_ratio must be greater than 0");
        }
    }
}
