using Dreamer.Agents.Nets;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// The open-loop prediction: per image key a still and a film. The model saw the first half of each sequence and predicted the second half
/// from the actions alone. Each sequence shows truth, model and error (grey where both agree), in the still as three rows with time
/// running to the right, in the film as a column.
/// </summary>
internal static class OpenLoopPicture
{
    private const int Sequences = 4;
    private const int Columns = 16;

    /// <param name="truth">[T*B, H, W, C] in [0, 1], all image keys joined on the channels.</param>
    /// <param name="prediction">Of the same shape and range.</param>
    public static IReadOnlyList<ReportImage> Draw(ObservationLayout layout, int steps, int rows, Tensor truth, Tensor prediction)
    {
        var size = layout.Height;
        var (sequences, columns) = (Math.Min(Sequences, rows), Math.Min(Columns, steps));
        var times = Enumerable.Range(0, columns).Select(column => (long)column * (steps - 1) / Math.Max(1, columns - 1)).ToArray();
        var pictures = new List<ReportImage>();
        var channel = 0L;
        foreach (var image in layout.Images)
        {
            using var scope = NewDisposeScope();
            var channels = image.Shape[2];
            Tensor Frames(Tensor all) => all.narrow(3, channel, channels).view(steps, rows, size, size, channels).narrow(1, 0, sequences);

            var (seen, model) = (Frames(truth), Frames(prediction));
            var film = stack([seen, model, (model - seen + 1) / 2], 2).mul(255).clamp(0, 255).round().to(uint8).cpu();  // [T, s, 3, H, W, C]
            var still = film.index_select(0, tensor(times)).permute(1, 2, 3, 0, 4, 5).contiguous();                     // [s, 3, H, t, W, C]
            film = film.permute(0, 2, 3, 1, 4, 5).contiguous();                                                         // [T, 3, H, s, W, C]
            if (channels is 1 or 3)
            {
                var name = $"openloop/{image.Key}";
                pictures.Add(new ReportImage(name, still.bytes.ToArray(), Frames: 1, sequences * 3 * size, columns * size, channels));
                pictures.Add(new ReportImage(name, film.bytes.ToArray(), steps, 3 * size, sequences * size, channels));
            }

            channel += channels;
        }

        return pictures;
    }
}
