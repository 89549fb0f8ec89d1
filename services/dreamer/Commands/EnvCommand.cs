using System.CommandLine;
using Dreamer.Environments;

namespace Dreamer.Commands;

/// <summary><c>dreamer env list</c></summary>
internal static class EnvCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists the environments: spaces, step limit, random and solved scores.");
        list.SetAction(_ => List());
        return new Command("env", "About environments.") { list, EnvServeCommand.Create() };
    }

    private static int List()
    {
        Console.WriteLine($"{"name",-26}{"observation",-20}{"action",-14}{"steps",6}{"random",9}{"solved",8}  what it is");
        foreach (var info in EnvironmentRegistry.All)
        {
            var spec = EnvironmentRegistry.SpecOf(new EnvironmentOptions { Name = info.Name });
            Console.WriteLine(
                $"{info.Name,-26}{string.Join(" ", spec.Observations),-20}{spec.Action,-14}{info.StepLimit,6}"
                + $"{info.RandomScore,9:0.##}{info.SolvedScore,8:0.##}  {info.Description}");
        }

        return 0;
    }
}
