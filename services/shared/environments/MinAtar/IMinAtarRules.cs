using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// The rules of one MinAtar game (Young and Tian 2019) on a board of 10 x 10 cells. Keeps the state of one episode; every
/// draw comes from the generator that the caller passes, in the order of the original, so that episodes are seed-exact.
/// </summary>
public interface IMinAtarRules
{
    /// <summary>One colour per channel of the board, C of them; where channels overlap the first one is seen.</summary>
    IReadOnlyList<Rgb> Colours { get; }

    /// <summary>Starts an episode.</summary>
    void Reset(RandomState random);

    /// <summary>Plays one frame.</summary>
    /// <param name="action">Stay, left, up, right, down, fire.</param>
    /// <param name="random">Draws what appears.</param>
    /// <returns>The frame's reward, and whether the game is over.</returns>
    (int Reward, bool Over) Advance(MinAtarAction action, RandomState random);

    /// <summary>Marks what is on the board, which arrives empty.</summary>
    void Show(MinAtarBoard board);
}
