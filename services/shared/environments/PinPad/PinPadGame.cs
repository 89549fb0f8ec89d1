using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.PinPad;

/// <summary>
/// Step on all pads of a room in the order of their numbers: 10, ten steps to rest, and again from another place (Director,
/// Hafner et al. 2022). Ends only by its limit of 10,000 steps. Image: the room, and below it the pads stepped on last.
/// Vector: column and row in [0, 1], whether resting, and the pads stepped on last, one-hot each.
/// </summary>
public sealed class PinPadGame : IGame
{
    private const double Reward = 10;
    private const int RestSteps = 10;
    private const char Wall = '#';
    private const char FirstPad = '1';
    private const int Grid = 16;

    private static readonly Rgb Floor = new(255, 255, 255);
    private static readonly Rgb RestingFloor = new(223, 255, 223);
    private static readonly Rgb WallColour = new(192, 192, 192);
    private static readonly Rgb PlayerColour = new(0, 0, 0);
    private static readonly (int X, int Y)[] Moves = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)];

    private static readonly Rgb[] PadColours =
    [
        new(255, 0, 0), new(0, 255, 0), new(0, 0, 255), new(255, 255, 0), new(255, 0, 255), new(0, 255, 255), new(128, 0, 128), new(0, 128, 128),
    ];

    private readonly string[] room;
    private readonly (int X, int Y)[] spawns;
    private readonly int pads;
    private readonly List<int> sequence = [];
    private readonly RandomState random;
    private (int X, int Y) player;
    private int resting;

    /// <param name="room">14 rows of 16 letters.</param>
    /// <param name="seed">Draws where the player starts.</param>
    public PinPadGame(string[] room, ulong seed)
    {
        this.room = room;
        random = RandomState.FromSeed(seed);
        spawns =
        [
            .. from x in Enumerable.Range(0, PinPadLayouts.Columns)
               from y in Enumerable.Range(0, PinPadLayouts.Rows)
               where room[y][x] != Wall
               select (x, y),
        ];
        pads = room.Max(row => row.Max()) - FirstPad + 1;
    }

    public int Actions => Moves.Length;

    public int VectorSize => 3 + (pads * pads);

    public void Reset()
    {
        Spawn();
        resting = 0;
    }

    public Outcome Advance(int action)
    {
        if (resting > 0 && --resting == 0)
        {
            Spawn();
        }

        var (x, y) = (player.X + Moves[action].X, player.Y + Moves[action].Y);
        player = room[y][x] == Wall ? player : (x, y);
        var pad = PadAt(x, y);
        if (pad >= 0 && (sequence.Count == 0 || sequence[^1] != pad))
        {
            sequence.Add(pad);
            sequence.RemoveRange(0, Math.Max(0, sequence.Count - pads));
        }

        if (resting > 0 || !sequence.SequenceEqual(Enumerable.Range(0, pads)))
        {
            return new Outcome(0, Terminated: false);
        }

        resting = RestSteps;
        return new Outcome(Reward, Terminated: false);
    }

    public void Observe(Span<float> vector)
    {
        vector.Clear();
        vector[0] = (float)player.X / (PinPadLayouts.Columns - 1);
        vector[1] = (float)player.Y / (PinPadLayouts.Rows - 1);
        vector[2] = resting > 0 ? 1 : 0;
        for (var index = 0; index < sequence.Count; index++)
        {
            vector[3 + (index * pads) + sequence[index]] = 1;
        }
    }

    public void Draw(Canvas canvas)
    {
        var current = PadAt(player.X, player.Y);
        for (var y = 0; y < PinPadLayouts.Rows; y++)
        {
            for (var x = 0; x < PinPadLayouts.Columns; x++)
            {
                canvas.Cell(y, x, Grid, Grid, ColourAt(x, y, current));
            }
        }

        canvas.Cell(player.Y, player.X, Grid, Grid, PlayerColour);
        canvas.Cell(PinPadLayouts.Rows / 2, 0, Grid / 2, 1, WallColour);
        for (var index = 0; index < sequence.Count; index++)
        {
            canvas.Cell(PinPadLayouts.Rows, (2 * index) + 1, Grid, Grid, PadColours[sequence[index]]);
        }
    }

    private Rgb ColourAt(int x, int y, int current) => PadAt(x, y) switch
    {
        < 0 => room[y][x] == Wall ? WallColour : resting > 0 ? RestingFloor : Floor,
        var pad when pad == current => PadColours[pad],
        var pad => Pale(PadColours[pad]),
    };

    private static Rgb Pale(Rgb colour) => new(Pale(colour.R), Pale(colour.G), Pale(colour.B));

    private static byte Pale(byte channel) => (byte)(((10 * channel) + (90 * 255)) / 100);

    /// <summary>Number of the pad from 0, below 0 where there is none.</summary>
    private int PadAt(int x, int y) => char.IsAsciiDigit(room[y][x]) ? room[y][x] - FirstPad : -1;

    private void Spawn()
    {
        player = spawns[random.RandInt(0, spawns.Length)];
        sequence.Clear();
    }
}
