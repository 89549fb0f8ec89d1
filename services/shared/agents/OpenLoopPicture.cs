using Dreamer.Agents.Nets;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// The open-loop prediction as one still per image key. Each sequence takes three rows: truth, model, error (grey where both
/// agree); time runs to the right. The model saw the left half and predicted the right half from the actions alone.
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
            Tensor Frames(Tensor all) => all.narrow(3, channel, channels).view(steps, rows, size, size, channels)
                .narrow(1, 0, sequences).index_select(0, tensor(times, device: all.device));

            var (seen, model) = (Frames(truth), Frames(prediction));
            var grid = stack([seen, model, (model - seen + 1) / 2], 2)                                     // [t, s, 3, H, W, C]
                .permute(1, 2, 3, 0, 4, 5).mul(255).clamp(0, 255).round().to(uint8).contiguous().cpu();      // [s, 3, H, t, W, C]
            if (channels is 1 or 3)
            {
                pictures.Add(new ReportImage(
                    $"openloop/{image.Key}", grid.bytes.ToArray(), Frames: 1, sequences * 3 * size, columns * size, channels));
            }

            channel += channels;
        }

        return pictures;
    }
}
