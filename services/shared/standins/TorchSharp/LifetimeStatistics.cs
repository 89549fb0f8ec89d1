namespace TorchSharp;

/// <summary>How many of one kind came to life and were disposed, on one thread.</summary>
public class LifetimeStatistics
{
    public long CreatedOutsideScopeCount { get; internal set; }
    public long DisposedOutsideScopeCount { get; internal set; }
    public long CreatedInScopeCount { get; internal set; }
    public long DisposedInScopeCount { get; internal set; }
    public long AttachedToScopeCount { get; internal set; }
    public long DetachedFromScopeCount { get; internal set; }

    /// <summary>Created minus disposed.</summary>
    public long ThreadTotalLiveCount => CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;

    public void Reset()
    {
        CreatedOutsideScopeCount = DisposedOutsideScopeCount = CreatedInScopeCount = 0;
        DisposedInScopeCount = AttachedToScopeCount = DetachedFromScopeCount = 0;
    }
}
