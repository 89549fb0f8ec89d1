using Dreamer.Environments;
using Dreamer.Remote.Client;
using Dreamer.Spaces;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote;

/// <summary>
/// An environment behind dm_env_rpc: a session, and in it a world of its own (or one that exists, by name). An answer that does not
/// come in time counts as a failure like any other; the owner makes a new environment then. Disposing leaves and closes the stream.
/// </summary>
public sealed class RemoteEnvironment : IEnvironment
{
    private readonly string _name;
    private readonly RemoteOptions _options;
    private readonly RemoteCall _call;
    private readonly string? _created;
    private readonly V1.ActionObservationSpecs _specs;
    private readonly RemoteActions _actions;
    private readonly RemoteObservations _observations;
    private readonly V1.EnvironmentRequest _step = new() { Step = new() };
    private bool _running;
    private bool _disposed;

    /// <param name="address">Where it is served.</param>
    /// <param name="options">Settings of the world, and patience.</param>
    /// <param name="observation">Vectors, images or both.</param>
    /// <param name="seed">Sent with CreateWorld as <see cref="RemoteOptions.SeedSetting"/>.</param>
    /// <param name="time">Clock of the patience; the system's when null.</param>
    /// <exception cref="RemoteEnvironmentException">Nobody answers, the server refuses, or it offers what no agent here can use.</exception>
    public RemoteEnvironment(RemoteAddress address, RemoteOptions options, ObservationKind observation, ulong seed, TimeProvider? time = null)
    {
        (_name, _options) = ($"{RemoteAddress.Prefix}:{address}", options);
        _call = new RemoteCall(address, options, time ?? TimeProvider.System);
        try
        {
            var world = address.World ?? (_created = Create(seed));
            _specs = Join(world);
            _actions = new RemoteActions(_specs.Actions);
            _observations = new RemoteObservations(_specs.Observations, observation, options.Observations);
        }
        catch
        {
            Dispose();
            throw;
        }

        Spec = new EnvironmentSpec(_observations.Spec, _actions.Spec);
        _step.Step.RequestedObservations.AddRange(_observations.Requested);
    }

    public EnvironmentSpec Spec { get; }

    /// <exception cref="RemoteEnvironmentException">The other end failed or hangs.</exception>
    public void Reset(TimeStep into)
    {
        if (_running && !AskStep(new() { Reset = new() }).Reset.Specs.Equals(_specs))
        {
            throw new RemoteEnvironmentException($"{_name} changed its actions or observations on a reset; actors need them to stay.");
        }

        _step.Step.Actions.Clear();
        var first = AskStep(_step).Step;
        _running = first.State == V1.EnvironmentStateType.Running
            ? true
            : throw new RemoteEnvironmentException($"{_name} began an episode in the state {first.State}.");
        _observations.Read(first, into);
        into.Set(reward: 0, isFirst: true, isLast: false, isTerminal: false);
    }

    /// <exception cref="ArgumentException">The action does not fit.</exception>
    /// <exception cref="InvalidOperationException">No episode is running.</exception>
    /// <exception cref="RemoteEnvironmentException">The other end failed or hangs.</exception>
    public void Step(ReadOnlySpan<float> action, TimeStep into)
    {
        ActionRules.Check(_name, Spec.Action, action);
        if (!_running)
        {
            throw new InvalidOperationException($"{_name} has no episode running: call Reset first.");
        }

        _actions.Write(action, _step.Step.Actions);
        var step = AskStep(_step).Step;
        _running = step.State == V1.EnvironmentStateType.Running;
        _observations.Read(step, into);
        into.Set(_observations.ReadReward(step), isFirst: false, isLast: !_running, isTerminal: _observations.IsTerminal(step));
    }

    /// <summary>Leaves the world, destroys it where this environment created it, and closes the stream. Waits a few seconds at most.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        V1.EnvironmentRequest leave = new() { LeaveWorld = new() };
        _call.Close(_created is null ? [leave] : [leave, new() { DestroyWorld = new() { WorldName = _created } }]);
    }

    private string Create(ulong seed)
    {
        var request = new V1.CreateWorldRequest();
        if (_options.SeedSetting.Length > 0)
        {
            // Servers take seeds as int64; NumPy's are not negative.
            request.Settings[_options.SeedSetting] = Tensors.OfIntegers(V1.DataType.Int64, (long)(seed & long.MaxValue));
        }

        foreach (var (key, value) in RemoteSettings.Parse(_options.Create))
        {
            request.Settings[key] = value;
        }

        return AskFirst(new() { CreateWorld = request }).CreateWorld.WorldName;
    }

    private V1.ActionObservationSpecs Join(string world)
    {
        var request = new V1.JoinWorldRequest { WorldName = world };
        foreach (var (key, value) in RemoteSettings.Parse(_options.Join))
        {
            request.Settings[key] = value;
        }

        return AskFirst(new() { JoinWorld = request }).JoinWorld.Specs ?? new();
    }

    private V1.EnvironmentResponse AskFirst(V1.EnvironmentRequest request) =>
        _call.Ask(request, TimeSpan.FromSeconds(_options.ConnectTimeoutSeconds), "env.remote.connect_timeout_seconds");

    private V1.EnvironmentResponse AskStep(V1.EnvironmentRequest request) =>
        _call.Ask(request, TimeSpan.FromSeconds(_options.StepTimeoutSeconds), "env.remote.step_timeout_seconds");
}
