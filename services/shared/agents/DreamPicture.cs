using Dreamer.Agents.Nets;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Imagined rollouts: per image key a film of dreams side by side, each from a state of a replayed window on, with the agent's own actions.</summary>
internal static class DreamPicture
{
    /// <summary>Dreams shown at most.</summary>
    public const int Dreams = 4;

    /// <param name="steps">L</param>
    /// <param name="images">[L*d, H, W, C] in [0, 1], time first, all image keys joined on the channels.</param>
    public static IReadOnlyList<ReportImage> Draw(ObservationLayout layout, long steps, Tensor images)
    {
        var size = layout.Height;
        var dreams = images.shape[0] / steps;
        var pictures = new List<ReportImage>();
        var channel = 0L;
        foreach (var image in layout.Images)
        {
            using var scope = NewDisposeScope();
            var channels = image.Shape[2];
            if (channels is 1 or 3)
            {
                var film = images.narrow(3, channel, channels).mul(255).clamp(0, 255).round().to(uint8).cpu()
                    .view(steps, dreams, size, size, channels).permute(0, 2, 1, 3, 4).contiguous();                     // [L, H, d, W, C]
                pictures.Add(new ReportImage($"dream/{image.Key}", film.bytes.ToArray(), (int)steps, size, (int)dreams * size, channels));
            }

            channel += channels;
        }

        return pictures;
    }
}
