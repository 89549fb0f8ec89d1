using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control;

/// <summary>The rules of one task of the DeepMind Control suite. Stateless: what changes lies in the physics.</summary>
public interface IControlTask
{
    /// <summary>Physics steps per control step.</summary>
    int SubSteps { get; }

    /// <summary>Actuators, A.</summary>
    int ControlSize { get; }

    /// <summary>Keys of the observation with the length of each, in the suite's order.</summary>
    ImmutableArray<(string Key, int Size)> Observations { get; }

    /// <summary>Camera of pictures, by its place in the model.</summary>
    int Camera => 0;

    /// <summary>The model's description, see <see cref="ControlModel"/>.</summary>
    XElement Model();

    /// <summary>Places the bodies for an episode; the physics were reset before, and are computed anew after.</summary>
    void Begin(Physics physics, RandomState random);

    /// <summary>Writes the numbers of all <see cref="Observations"/>.</summary>
    void Observe(Physics physics, ref ObservationWriter into);

    /// <summary>In [0, 1], of the state arrived at and the control that led there.</summary>
    double Reward(Physics physics);
}
