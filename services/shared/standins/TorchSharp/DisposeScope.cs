namespace TorchSharp;

/// <summary>Disposes every tensor that this thread creates while the scope is the innermost one, unless it is moved out.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private bool _closed;

    internal DisposeScope(DisposeScopeManager manager, DisposeScope? outer)
    {
        _manager = manager;
        Outer = outer;
    }

    internal DisposeScope? Outer { get; set; }

    internal HashSet<IDisposable> Disposables { get; private set; } = new(ReferenceEqualityComparer.Instance);

    public int DisposablesCount => Open().Disposables.Count;

    public IReadOnlyList<IDisposable> DisposablesView => [.. Open().Disposables];

    public bool Contains(IDisposable disposable) => Disposables.Contains(disposable);

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(Outer, disposable);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        MoveToOther(scope, [disposable]);
        return disposable;
    }

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        Open();
        foreach (IDisposable disposable in disposables)
        {
            if (scope is null)
                Detach(disposable);
            else if (Disposables.Remove(disposable))
                scope.Adopt((torch.Tensor)disposable);
        }
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (Open().Disposables.Remove(disposable) && disposable is torch.Tensor tensor)
        {
            _manager.Counts.TensorStatistics.DetachedFromScopeCount++;
            tensor.OwningDisposeScope = null;
        }
        return disposable;
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable disposable in disposables)
            Detach<IDisposable>(disposable);
    }

    public void Attach(IDisposable disposable)
    {
        var tensor = (torch.Tensor)disposable;
        if (ReferenceEquals(Open(), tensor.OwningDisposeScope))
            return;
        tensor.OwningDisposeScope?.Disposables.Remove(tensor);
        Adopt(tensor);
        _manager.Counts.TensorStatistics.AttachedToScopeCount++;
    }

    public void Attach(params IDisposable[] disposables) => Array.ForEach(disposables, Attach);

    public void DisposeEverything() => DisposeEverythingBut([]);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        HashSet<IDisposable> before = Open().Disposables;
        Disposables = new(inKeep, ReferenceEqualityComparer.Instance);
        foreach (IDisposable disposable in before)
        {
            if (!Disposables.Contains(disposable))
                disposable.Dispose();
        }
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        Open().Disposables.Remove(disposable);
        if (disposable is torch.Tensor tensor)
            tensor.OwningDisposeScope = null;
    }

    public void Dispose()
    {
        if (_closed)
            return;
        DisposeEverything();
        _manager.Close(this);
        _closed = true;
    }

    private void Adopt(torch.Tensor tensor)
    {
        Disposables.Add(tensor);
        tensor.OwningDisposeScope = this;
    }

    private DisposeScope Open() => _closed ? throw new ObjectDisposedException(nameof(DisposeScope)) : this;
}
