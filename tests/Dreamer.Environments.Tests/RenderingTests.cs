using System.Numerics;
using System.Security.Cryptography;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Tests;

public sealed class RenderingTests
{
    private static readonly Rgb Red = new(200, 0, 0);

    [Fact]
    public void A_polygon_covers_its_area_whichever_way_it_turns()
    {
        Vector2[] square = [new(2.5f, 3), new(6.5f, 3), new(6.5f, 7), new(2.5f, 7)];
        var there = Paint(canvas => canvas.Polygon(square, Red));
        Array.Reverse(square);
        var back = Paint(canvas => canvas.Polygon(square, Red));

        Assert.Equal(there, back);
        Assert.Equal(200, Channel(there, row: 4, column: 4));
        Assert.Equal(100, Channel(there, row: 4, column: 2));
        Assert.Equal(100, Channel(there, row: 4, column: 6));
        Assert.Equal(0, Channel(there, row: 8, column: 4));
        Assert.Equal(0, Channel(there, row: 4, column: 8));
    }

    [Fact]
    public void Cells_tile_the_picture_and_rows_are_its_bytes()
    {
        var cells = Paint(canvas =>
        {
            canvas.Cell(1, 2, 5, 5, Red);
            canvas.Row(11)[33] = 7;
        });

        Assert.Equal([2, 3], Enumerable.Range(0, 12).Where(row => Channel(cells, row, 5) == 200));
        Assert.Equal([4, 5, 6], Enumerable.Range(0, 12).Where(column => Channel(cells, 3, column) == 200));
        Assert.Equal(7, Channel(cells, 11, 11));
        Assert.Equal((6 * 200) + 7, cells.Sum(value => value));
    }

    [Fact]
    public void Circles_and_lines_have_soft_borders_and_stay_inside_the_picture()
    {
        var circle = Paint(canvas => canvas.Circle(new Vector2(5.5f, 5.5f), 3f, Red));
        Assert.Equal(200, Channel(circle, 5, 5));
        Assert.Equal(200, Channel(circle, 5, 3));
        Assert.InRange(Channel(circle, 5, 8), 50, 150);
        Assert.Equal(0, Channel(circle, 5, 9));

        var line = Paint(canvas => canvas.Line(new Vector2(-20, 5.5f), new Vector2(40, 5.5f), 1, Red));
        Assert.Equal(Enumerable.Repeat(200, 12), Enumerable.Range(0, 12).Select(column => Channel(line, 5, column)));
        Assert.Equal(0, Channel(line, 7, 5));
        Assert.DoesNotContain(Paint(canvas => canvas.Circle(new Vector2(-9, 40), 3, Red)), value => value != 0);
    }

    [Fact]
    public void A_buffer_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => { _ = new Canvas(new byte[10], 4, 4); });

    [Theory]
    [InlineData("CartPole-v1", "696B3AE0")]
    [InlineData("Pendulum-v1", "A13160AD")]
    [InlineData("Acrobot-v1", "7C4FF413")]
    [InlineData("MountainCar-v0", "853C718C")]
    [InlineData("catch", "B756D3FC")]
    public void Pictures_are_deterministic_and_show_every_state_that_can_be_seen(string name, string hash)
    {
        ITaskRules rules = name switch
        {
            "CartPole-v1" => new CartPole(),
            "Pendulum-v1" => new Pendulum(),
            "Acrobot-v1" => new Acrobot(),
            "MountainCar-v0" => new MountainCar(),
            _ => new Catch(),
        };
        var state = new double[rules.StateSize];
        rules.Begin(new Generator(1), state);
        var picture = Draw(rules, state, new byte[64 * 64 * 3]);

        Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(picture))[..8]);
        Assert.Equal(picture, Draw(rules, state, [.. Enumerable.Repeat((byte)7, 64 * 64 * 3)]));

        int[] visible = name switch
        {
            "CartPole-v1" => [0, 2],
            "Acrobot-v1" => [0, 1],
            "catch" => [0, 1, 2],
            _ => [0],
        };
        foreach (var index in visible)
        {
            var moved = state.ToArray();
            moved[index] += name == "catch" ? 1 : 0.05;
            var after = Draw(rules, moved, new byte[64 * 64 * 3]);
            Assert.True(picture.Zip(after).Count(pixel => Math.Abs(pixel.First - pixel.Second) > 20) > 20, $"{name} hides state {index}");
        }
    }

    private static byte[] Draw(ITaskRules rules, double[] state, byte[] into)
    {
        rules.Draw(state, new Canvas(into, 64, 64));
        return into;
    }

    private delegate void Painter(Canvas canvas);

    private static byte[] Paint(Painter paint)
    {
        var pixels = new byte[12 * 12 * 3];
        paint(new Canvas(pixels, 12, 12));
        return pixels;
    }

    private static int Channel(byte[] pixels, int row, int column) => pixels[((row * 12) + column) * 3];
}
