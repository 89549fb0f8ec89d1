using System.Numerics;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Tasks;

/// <summary>The valley that both mountain cars drive in: position in [-1.2, 0.6], speed at most 0.07, gravity 0.0025.</summary>
internal static class MountainCarScene
{
    public const double Left = -1.2;
    public const double Right = 0.6;
    public const double SpeedLimit = 0.07;
    public const double Gravity = 0.0025;

    public static void Draw(double position, double goal, Canvas canvas)
    {
        const int pieces = 24;
        float unit = canvas.Width;
        canvas.Clear(new Rgb(255, 255, 255));
        var from = Ground(Left, unit);
        for (var piece = 1; piece <= pieces; piece++)
        {
            var to = Ground(Left + ((Right - Left) * piece / pieces), unit);
            canvas.Line(from, to, 0.03f * unit, new Rgb(80, 140, 80));
            from = to;
        }

        var flag = Ground(goal, unit);
        var top = flag - new Vector2(0, 0.18f * unit);
        canvas.Line(flag, top, 0.02f * unit, new Rgb(60, 60, 60));
        canvas.Polygon([top, top + new Vector2(0.1f * unit, 0.03f * unit), top + new Vector2(0, 0.06f * unit)], new Rgb(220, 180, 0));
        canvas.Circle(Ground(position, unit) - new Vector2(0, 0.055f * unit), 0.055f * unit, new Rgb(200, 40, 60));
    }

    private static Vector2 Ground(double position, float unit) => new(
        (float)((position - Left) / (Right - Left)) * unit,
        (0.9f - (0.6f * (float)((Math.Sin(3 * position) * 0.45) + 0.55))) * unit);
}
