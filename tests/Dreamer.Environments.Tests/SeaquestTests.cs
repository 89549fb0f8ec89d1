using Dreamer.Environments.MinAtar;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Tests;

/// <summary>The rules of the one MinAtar game of which there is no recording.</summary>
public sealed class SeaquestTests
{
    private const int Channels = 10;
    private const int Front = 0;
    private const int Bullet = 2;
    private const int Fish = 5;
    private const int EnemySubmarine = 6;
    private const int Oxygen = 7;
    private const int Carried = 8;
    private const int Diver = 9;

    private readonly Seaquest game = new();
    private RandomState random = new(0);

    [Fact]
    public void It_starts_at_the_surface_with_full_oxygen_and_no_diver()
    {
        game.Reset(random);
        Assert.Equal([(5, 0)], Cells(Front));
        Assert.Equal((10, 0, 0, 0), (Cells(Oxygen).Count, Cells(Carried).Count, Cells(Fish).Count, Cells(Diver).Count));
    }

    [Fact]
    public void Coming_up_without_a_diver_ends_the_game()
    {
        game.Reset(random);
        Assert.False(game.Advance(MinAtarAction.Up, random).Over);
        Assert.False(game.Advance(MinAtarAction.Down, random).Over);
        Assert.Equal((0, true), game.Advance(MinAtarAction.Up, random));
        Assert.Equal(9, Cells(Oxygen).Count);
    }

    [Fact]
    public void A_shot_leaves_ahead_and_the_gun_cools_down_for_five_frames()
    {
        game.Reset(random);
        game.Advance(MinAtarAction.Right, random);
        List<int> columns = [];
        for (var frame = 0; frame < 6; frame++)
        {
            game.Advance(MinAtarAction.Fire, random);
            columns.AddRange(Cells(Bullet).Select(cell => cell.Column).Order());
        }

        Assert.Equal([7, 8, 9, 7], columns);
    }

    [Fact]
    public void Without_surfacing_the_crew_suffocates()
    {
        // Of these seeds some let the submarine lie on the ground for 200 frames without a hit; then the air is out.
        List<int> lengths = [];
        for (uint seed = 0; seed < 3000 && lengths.Count < 3; seed++)
        {
            random = new RandomState(seed);
            game.Reset(random);
            var frames = 0;
            var over = false;
            while (!over)
            {
                over = game.Advance(MinAtarAction.Down, random).Over;
                frames++;
            }

            if (Cells(Oxygen).Count == 0)
            {
                lengths.Add(frames);
            }
        }

        Assert.Equal([201, 201, 201], lengths);
    }

    [Fact]
    public void Hits_pay_one_each_and_divers_are_carried_up_to_six_and_paid_for()
    {
        var (hits, most, deliveries) = (0, 0, 0);
        for (uint seed = 0; seed < 40; seed++)
        {
            random = new RandomState(seed);
            game.Reset(random);
            var over = false;
            while (!over)
            {
                var (targets, carried, oxygen) = (Cells(Fish).Count + Cells(EnemySubmarine).Count, Cells(Carried).Count, Cells(Oxygen).Count);
                (var reward, over) = game.Advance(Chase(), random);
                most = Math.Max(most, Cells(Carried).Count);
                if (Cells(Oxygen).Count == 10 && oxygen < 9 && Cells(Front)[0].Row == 0)
                {
                    Assert.Equal(carried == 6 ? 0 : carried - 1, Cells(Carried).Count);
                    deliveries += carried == 6 && reward >= oxygen ? 1 : 0;
                }
                else if (reward > 0)
                {
                    hits += reward;
                    Assert.True(Cells(Fish).Count + Cells(EnemySubmarine).Count < targets + 1);
                }
            }
        }

        Assert.Equal(6, most);
        Assert.True(hits > 10, $"{hits} hits");
        Assert.True(deliveries > 0, "no full load was paid for");
    }

    /// <summary>Goes for the nearest diver and shoots on the way; goes up with a full load or little air.</summary>
    private MinAtarAction Chase()
    {
        var (column, row) = Cells(Front)[0];
        var carried = Cells(Carried).Count;
        if (carried == 6 || (carried > 0 && Cells(Oxygen).Count < 3))
        {
            return MinAtarAction.Up;
        }

        if (row == 0)
        {
            return MinAtarAction.Down;
        }

        var divers = Cells(Diver).OrderBy(diver => Math.Abs(diver.Column - column) + Math.Abs(diver.Row - row)).ToList();
        return Cells(Bullet).Count == 0 && random.Rand() < 0.5 ? MinAtarAction.Fire
            : divers.Count == 0 ? MinAtarAction.Stay
            : divers[0].Row != row ? divers[0].Row < row ? row == 1 ? MinAtarAction.Stay : MinAtarAction.Up : MinAtarAction.Down
            : divers[0].Column < column ? MinAtarAction.Left : MinAtarAction.Right;
    }

    private List<(int Column, int Row)> Cells(int channel)
    {
        var cells = new float[MinAtarBoard.Size * MinAtarBoard.Size * Channels];
        game.Show(new MinAtarBoard(cells, Channels));
        return [.. Enumerable.Range(0, 100).Where(cell => cells[(cell * Channels) + channel] == 1).Select(cell => (cell % 10, cell / 10))];
    }
}
