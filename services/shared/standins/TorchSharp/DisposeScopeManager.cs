namespace TorchSharp;

/// <summary>The dispose scopes of one thread, innermost first, and what they counted.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? t_current;

    internal static DisposeScopeManager Thread => t_current ??= new DisposeScopeManager();

    internal DisposeScope? Current { get; private set; }

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    public static ThreadDisposeScopeStatistics Statistics => Thread.Counts;

    internal DisposeScope Open() => Current = new DisposeScope(this, Current);

    internal DisposeScope? Register(torch.Tensor tensor)
    {
        if (Current is null)
        {
            Counts.TensorStatistics.CreatedOutsideScopeCount++;
            return null;
        }
        Counts.TensorStatistics.CreatedInScopeCount++;
        Current.Disposables.Add(tensor);
        return Current;
    }

    internal void Disposing(torch.Tensor tensor)
    {
        if (tensor.OwningDisposeScope is null)
            Counts.TensorStatistics.DisposedOutsideScopeCount++;
        else
            Counts.TensorStatistics.DisposedInScopeCount++;
    }

    internal void Close(DisposeScope scope)
    {
        if (ReferenceEquals(Current, scope))
        {
            Current = scope.Outer;
            return;
        }
        for (DisposeScope? inner = Current; inner is not null; inner = inner.Outer)
        {
            if (ReferenceEquals(inner.Outer, scope))
            {
                inner.Outer = scope.Outer;
                return;
            }
        }
    }
}
