using System.Globalization;

namespace Dreamer.Environments.Mujoco;

/// <summary>Where one MuJoCo release keeps what we read: the layout of its structs differs in each.</summary>
internal sealed class MujocoLayout
{
    private readonly int[] model = new int[Enum.GetValues<ModelField>().Length];
    private readonly int[] data = new int[Enum.GetValues<DataField>().Length];
    private readonly int[] constants = new int[Enum.GetValues<Constant>().Length];

    private enum Constant
    {
        DisableActuation,
        Material,
        Sensor,
        LightDirectionalBytes,
    }

    /// <summary>The supported releases by what <c>mj_version()</c> answers.</summary>
    public static IReadOnlyDictionary<int, MujocoLayout> All { get; } = Read();

    /// <summary>Bit of <c>opt.disableflags</c>.</summary>
    public int DisableActuation => constants[(int)Constant.DisableActuation];

    /// <summary>Bytes from one element of <c>light_directional</c> to the next.</summary>
    public int LightDirectionalBytes => constants[(int)Constant.LightDirectionalBytes];

    public int this[ModelField field] => model[(int)field];

    public int this[DataField field] => data[(int)field];

    /// <summary>MuJoCo's own number of a kind of object.</summary>
    public int this[ObjectKind kind] => kind switch
    {
        ObjectKind.Material => constants[(int)Constant.Material],
        ObjectKind.Sensor => constants[(int)Constant.Sensor],
        _ => (int)kind,
    };

    /// <param name="version">What <c>mj_version()</c> answers.</param>
    /// <param name="library">For the error message.</param>
    /// <exception cref="MujocoException">The release is not supported; names those that are.</exception>
    public static MujocoLayout Of(int version, string library) => All.GetValueOrDefault(version) ?? throw new MujocoException(
        $"{library} is MuJoCo {Display(version)}; supported are {string.Join(", ", All.Keys.Select(Display))}. "
        + $"Name the library of one of these in env.mujoco or in the variable {MujocoLibrary.PathVariable}.");

    /// <summary>A version number as people write it: 222 is 2.2.2, 3012000 is 3.12.0.</summary>
    public static string Display(int version)
    {
        var unit = version >= 1_000_000 ? 1000 : 10;
        return $"{version / unit / unit}.{version / unit % unit}.{version % unit}";
    }

    private static Dictionary<int, MujocoLayout> Read()
    {
        using var table = new StreamReader(typeof(MujocoLayout).Assembly.GetManifestResourceStream("Mujoco/layouts.txt")!);
        var layouts = new Dictionary<int, MujocoLayout>();
        while (table.ReadLine() is { } line)
        {
            var cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (cells[0] == "version")
            {
                layouts = cells.Skip(1).ToDictionary(ToNumber, _ => new MujocoLayout());
            }
            else if (cells[0] != "#")
            {
                foreach (var (layout, cell) in layouts.Values.Zip(cells.Skip(1)))
                {
                    layout.Set(cells[0], ToNumber(cell));
                }
            }
        }

        return layouts;
    }

    private static int ToNumber(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);

    private void Set(string row, int value)
    {
        var words = row.Split('.', '_');
        var name = string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        switch (words[0])
        {
            case "model":
                model[(int)Enum.Parse<ModelField>(name)] = value;
                break;
            case "data":
                data[(int)Enum.Parse<DataField>(name)] = value;
                break;
            default:
                constants[(int)Enum.Parse<Constant>(name)] = value;
                break;
        }
    }
}
