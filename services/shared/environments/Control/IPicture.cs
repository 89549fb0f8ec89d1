namespace Dreamer.Environments.Control;

/// <summary>Draws what a camera of the model sees. Not thread safe.</summary>
public interface IPicture : IDisposable
{
    /// <summary>Whether the model needs the sky's texture, see <see cref="ControlModel.AddSky"/>.</summary>
    bool NeedsSky { get; }

    /// <summary>Draws one picture.</summary>
    /// <param name="physics">As the last step left it.</param>
    /// <param name="camera">By its place in the model.</param>
    /// <param name="pixels">[size, size, 3] RGB, row major from the top.</param>
    /// <param name="size">Height and width in pixels.</param>
    void Draw(Physics physics, int camera, Span<byte> pixels, int size);
}
