using Dreamer.Environments;
using Dreamer.Remote.Server;
using Dreamer.Remote.Tests.Support;
using Grpc.Core;
using V1 = Dreamer.Remote.V1;

namespace Dreamer.Remote.Tests;

/// <summary>The server's rules, request by request.</summary>
public sealed class SessionTests
{
    private static readonly EnvironmentOptions CartPole = new() { Name = "CartPole-v1" };

    [Fact]
    public void Only_what_was_asked_for_is_sent()
    {
        using var session = Joined(CartPole);

        Assert.Empty(session.Answer(Step(null)).Step.Observations);
        Assert.Equal([2UL], session.Answer(Step(0, 2, 2)).Step.Observations.Keys);
    }

    [Fact]
    public void Requests_that_do_not_fit_are_refused_and_change_nothing()
    {
        using var session = Joined(CartPole);
        var first = session.Answer(Step(null, 1)).Step;
        V1.Tensor real = new() { Floats = new() { Array = { 0f } } }, vector = new() { Int32S = new() { Array = { 0 } }, Shape = { 1 } };
        (V1.EnvironmentRequest Request, StatusCode Code, string Reason)[] cases =
        [
            (Step(-1), StatusCode.InvalidArgument, "0 to 1"),
            (Step(2), StatusCode.InvalidArgument, "0 to 1"),
            (Step(0, 9), StatusCode.InvalidArgument, "no observation 9"),
            (Step(0, 0), StatusCode.InvalidArgument, "no observation 0"),
            (new() { Step = new() { Actions = { [1] = real } } }, StatusCode.InvalidArgument, "Int32"),
            (new() { Step = new() { Actions = { [1] = vector } } }, StatusCode.InvalidArgument, "shape"),
            (new() { Step = new() { Actions = { [2] = real } } }, StatusCode.InvalidArgument, "no action 2"),
            (new() { CreateWorld = new() }, StatusCode.FailedPrecondition, "destroy it first"),
            (new() { JoinWorld = new() { WorldName = "world-3" } }, StatusCode.FailedPrecondition, "leave it first"),
            (new() { ResetWorld = new() { WorldName = "elsewhere" } }, StatusCode.NotFound, "world-3"),
            (new() { DestroyWorld = new() { WorldName = "world-3" } }, StatusCode.FailedPrecondition, "leave it first"),
            (new() { Reset = new() { Settings = { ["gravity"] = real } } }, StatusCode.InvalidArgument, "'gravity'"),
            (new() { Reset = new() { Settings = { ["seed"] = real } } }, StatusCode.InvalidArgument, "one integer"),
            (new() { Extension = new() }, StatusCode.Unimplemented, "Extension"),
            (new(), StatusCode.Unimplemented, "None"),
        ];
        foreach (var (request, code, reason) in cases)
        {
            var error = Assert.Throws<RequestRefusedException>(() => session.Answer(request));
            Assert.Equal(code, error.Code);
            Assert.Contains(reason, error.Message);
        }

        // The episode goes on as it would have without them.
        using var undisturbed = Joined(CartPole);
        Assert.Equal(undisturbed.Answer(Step(null, 1)).Step, first);
        Assert.Equal(undisturbed.Answer(Step(1, 1, 2, 3)), session.Answer(Step(1, 1, 2, 3)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(1.001f)]
    [InlineData(float.NegativeInfinity)]
    public void Reals_out_of_bounds_are_refused(float value)
    {
        using var session = Joined(new EnvironmentOptions { Name = "Pendulum-v1" });
        session.Answer(Step(null));
        V1.Tensor tensor = new() { Floats = new() { Array = { value } }, Shape = { 1 } };

        Assert.Contains("-1 to 1", Assert.Throws<RequestRefusedException>(() => session.Answer(new() { Step = new() { Actions = { [1] = tensor } } })).Message);
    }

    [Fact]
    public void A_seed_begins_the_same_episode_again()
    {
        using var session = Joined(CartPole);
        V1.Tensor seed = new() { Int64S = new() { Array = { 5 } } };
        V1.StepResponse After(V1.EnvironmentRequest reset)
        {
            session.Answer(reset);
            return session.Answer(Step(0, 1)).Step;
        }

        var first = After(new() { Reset = new() { Settings = { ["seed"] = seed } } });
        var second = After(new() { Reset = new() });
        Assert.NotEqual(first, second);
        Assert.Equal(first, After(new() { ResetWorld = new() { WorldName = "world-3", Settings = { ["seed"] = seed } } }));
        Assert.Equal(second, After(new() { Reset = new() }));
    }

    [Fact]
    public void A_world_is_left_joined_again_and_destroyed()
    {
        using var session = Joined(CartPole);
        session.Answer(Step(null));
        session.Answer(new() { LeaveWorld = new() });
        session.Answer(new() { LeaveWorld = new() });
        Assert.Contains("join a world first", Assert.Throws<RequestRefusedException>(() => session.Answer(Step(0))).Message);

        // Joined anew, its first action is ignored again, even one that does not exist.
        session.Answer(new() { JoinWorld = new() { WorldName = "world-3" } });
        Assert.Equal(V1.EnvironmentStateType.Running, session.Answer(new() { Step = new() { Actions = { [77] = new() } } }).Step.State);

        session.Answer(new() { LeaveWorld = new() });
        session.Answer(new() { DestroyWorld = new() { WorldName = "world-3" } });
        Assert.Contains("create one first", Assert.Throws<RequestRefusedException>(() => session.Answer(new() { JoinWorld = new() { WorldName = "world-3" } })).Message);
        Assert.Equal("world-3", session.Answer(new() { CreateWorld = new() }).CreateWorld.WorldName);
    }

    [Fact]
    public void What_breaks_down_begins_a_new_episode()
    {
        using var session = new EnvironmentSession(3, _ => new Scripted(step => throw new InvalidOperationException($"step {step}")), 0);
        Join(session);
        session.Answer(Step(null));

        Assert.Equal("step 1", Assert.Throws<InvalidOperationException>(() => session.Answer(Step(0))).Message);
        Assert.Equal(V1.EnvironmentStateType.Running, session.Answer(Step(0)).Step.State);
    }

    private static EnvironmentSession Joined(EnvironmentOptions options)
    {
        var session = new EnvironmentSession(3, seed => EnvironmentRegistry.Make(options, seed), 0);
        Join(session);
        return session;
    }

    private static void Join(EnvironmentSession session)
    {
        var world = session.Answer(new() { CreateWorld = new() }).CreateWorld.WorldName;
        session.Answer(new() { JoinWorld = new() { WorldName = world } });
    }

    private static V1.EnvironmentRequest Step(int? choice, params ulong[] requested)
    {
        var step = new V1.StepRequest { RequestedObservations = { requested } };
        if (choice is { } action)
        {
            step.Actions[1] = new() { Int32S = new() { Array = { action } } };
        }

        return new() { Step = step };
    }
}
