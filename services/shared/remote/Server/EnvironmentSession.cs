using Dreamer.Environments;
using Dreamer.Spaces;
using Grpc.Core;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Server;

/// <summary>One stream: at most one world, which ends with it, and one agent in it. A refused request changes nothing.</summary>
/// <param name="number">Tells the worlds of different sessions apart, and their seeds where none is asked for.</param>
/// <param name="make">Builds the environment of a world from its seed.</param>
/// <param name="seed">Seed of the first session; the next has one more.</param>
internal sealed class EnvironmentSession(long number, Func<ulong, IEnvironment> make, ulong seed) : IDisposable
{
    private readonly string _world = $"world-{number}";
    private IEnvironment? _environment;
    private ServedSpecs _specs = null!;
    private TimeStep _step = null!;
    private bool _joined;
    private bool _running;

    /// <summary>The response to a request; exceptions of the environment pass through.</summary>
    /// <exception cref="RequestRefusedException">The request does not fit.</exception>
    public V1.EnvironmentResponse Answer(V1.EnvironmentRequest request)
    {
        switch (request.PayloadCase)
        {
            case V1.EnvironmentRequest.PayloadOneofCase.CreateWorld:
                Require(_environment is null, $"this stream has {_world} already; destroy it first, or open another stream");
                Begin(request.CreateWorld.Settings);
                return new() { CreateWorld = new() { WorldName = _world } };

            case V1.EnvironmentRequest.PayloadOneofCase.JoinWorld:
                Require(!_joined, $"this stream has joined {_world} already; leave it first");
                RequireWorld(request.JoinWorld.WorldName);
                RefuseSettings(request.JoinWorld.Settings.Keys);
                (_joined, _running) = (true, false);
                return new() { JoinWorld = new() { Specs = _specs.Wire } };

            case V1.EnvironmentRequest.PayloadOneofCase.Step:
                RequireJoined();
                return new() { Step = Step(request.Step) };

            case V1.EnvironmentRequest.PayloadOneofCase.Reset:
                RequireJoined();
                Interrupt(request.Reset.Settings);
                return new() { Reset = new() { Specs = _specs.Wire } };

            case V1.EnvironmentRequest.PayloadOneofCase.ResetWorld:
                RequireWorld(request.ResetWorld.WorldName);
                Interrupt(request.ResetWorld.Settings);
                return new() { ResetWorld = new() };

            case V1.EnvironmentRequest.PayloadOneofCase.LeaveWorld:
                (_joined, _running) = (false, false);
                return new() { LeaveWorld = new() };

            case V1.EnvironmentRequest.PayloadOneofCase.DestroyWorld:
                RequireWorld(request.DestroyWorld.WorldName);
                Require(!_joined, $"{_world} is joined; leave it first");
                Dispose();
                return new() { DestroyWorld = new() };

            default:
                throw new RequestRefusedException(StatusCode.Unimplemented, $"requests of the kind {request.PayloadCase} are not served here.");
        }
    }

    /// <summary>Frees the world.</summary>
    public void Dispose()
    {
        _environment?.Dispose();
        _environment = null;
    }

    private V1.StepResponse Step(V1.StepRequest request)
    {
        _specs.CheckRequested(request.RequestedObservations);
        if (_running)
        {
            var action = _specs.ReadAction(request.Actions);

            // After an exception the next step begins a new episode.
            _running = false;
            _environment!.Step(action, _step);
        }
        else
        {
            _environment!.Reset(_step);
        }

        _running = !_step.IsLast;
        return _specs.Write(_step, request.RequestedObservations);
    }

    // Without a seed the episodes go on drawing from the one before.
    private void Interrupt(IReadOnlyDictionary<string, V1.Tensor> settings)
    {
        if (settings.Count > 0)
        {
            Begin(settings);
        }

        _running = false;
    }

    private void Begin(IReadOnlyDictionary<string, V1.Tensor> settings)
    {
        RefuseSettings(settings.Keys.Where(key => key != "seed"));
        var chosen = settings.TryGetValue("seed", out var tensor) ? Seed(tensor) : seed + (ulong)number;
        var environment = make(chosen);
        Dispose();
        _environment = environment;
        _specs = new ServedSpecs(environment.Spec);
        _step = new TimeStep(environment.Spec);
    }

    private static ulong Seed(V1.Tensor tensor) =>
        Tensors.IsInteger(Tensors.TypeOf(tensor)) && Tensors.Count(tensor) == 1 && Tensors.At(tensor, 0) >= 0
            ? tensor.PayloadCase switch
            {
                // Exact beyond 2^53.
                V1.Tensor.PayloadOneofCase.Int64S => (ulong)tensor.Int64S.Array[0],
                V1.Tensor.PayloadOneofCase.Uint64S => tensor.Uint64S.Array[0],
                _ => (ulong)Tensors.At(tensor, 0),
            }
            : throw new RequestRefusedException(StatusCode.InvalidArgument, "seed must be one integer that is not negative.");

    private static void RefuseSettings(IEnumerable<string> keys)
    {
        if (keys.FirstOrDefault() is { } key)
        {
            throw new RequestRefusedException(StatusCode.InvalidArgument, $"there is no setting '{key}'; CreateWorld, Reset and ResetWorld take 'seed', the rest is set where the server is started.");
        }
    }

    private void RequireJoined() => Require(_joined, "join a world first");

    private void RequireWorld(string name)
    {
        if (_environment is null || name != _world)
        {
            throw new RequestRefusedException(StatusCode.NotFound, $"there is no world '{name}' in this stream; {(_environment is null ? "create one first" : $"there is {_world}")}.");
        }
    }

    private static void Require(bool fulfilled, string rule)
    {
        if (!fulfilled)
        {
            throw new RequestRefusedException(StatusCode.FailedPrecondition, rule + ".");
        }
    }
}
