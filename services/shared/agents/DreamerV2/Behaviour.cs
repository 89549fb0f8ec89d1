using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Agents.DreamerV2;

/// <summary>An actor, its critic, and the critic's copy that gives the targets.</summary>
public sealed class Behaviour
{
    public Behaviour(DreamerV2Options options, string actor, string value, int features, Activation activation, ActionSpec action)
    {
        Actor = new Actor(ActorSet, actor, features, options.Units, options.ActorLayers, activation, action);
        Value = new ScalarHead(ValueSet, value, features, options.Units, options.ValueLayers, activation);
        SlowValue = new ScalarHead(SlowSet, value, features, options.Units, options.ValueLayers, activation);
    }

    public ParameterSet ActorSet { get; } = new();

    public ParameterSet ValueSet { get; } = new();

    /// <summary>Parameters of the copy, which only follow.</summary>
    public ParameterSet SlowSet { get; } = new();

    public Actor Actor { get; }

    public ScalarHead Value { get; }

    public ScalarHead SlowValue { get; }
}
