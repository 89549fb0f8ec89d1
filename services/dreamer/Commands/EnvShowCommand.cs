using System.CommandLine;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Policies;
using Dreamer.Reporting;
using Dreamer.Spaces;

namespace Dreamer.Commands;

/// <summary><c>dreamer env show</c></summary>
internal static class EnvShowCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "An environment of 'dreamer env list'." };
    private static readonly Option<string> Out = new("--out") { Description = "The GIF file to write.", Required = true };
    private static readonly Option<int> Size = new("--size") { Description = "Height and width in pixels.", DefaultValueFactory = _ => 128 };
    private static readonly Option<int> Frames = new("--frames") { Description = "Frames at most, one per environment step.", DefaultValueFactory = _ => 300 };
    private static readonly Option<RendererKind> Renderer = new("--renderer") { Description = "Who draws the names that begin with dmc_." };
    private static readonly Option<int> Seed = new("--seed") { Description = "Of the environment and of the actions." };

    public static Command Create()
    {
        var command = new Command("show", "Records an episode of random actions as a GIF.") { Name, Out, Size, Frames, Renderer, Seed };
        command.SetAction((parsed, cancellation) => Task.Run(() => Show(parsed, cancellation), cancellation));
        return command;
    }

    private static int Show(ParseResult parsed, CancellationToken cancellation)
    {
        var (path, frames) = (Path.GetFullPath(parsed.GetValue(Out)!), parsed.GetValue(Frames));
        if (frames < 1)
        {
            throw new UserErrorException($"--frames must be at least 1, got {frames}", ExitCode.Usage);
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new UserErrorException($"--out: there is no directory {Path.GetDirectoryName(path)}; create it or name another file", ExitCode.Usage);
        }

        var seed = (ulong)parsed.GetValue(Seed);
        using var environment = Make(parsed, seed);
        var spec = environment.Spec;
        var image = Enumerable.Range(0, spec.Observations.Length).FirstOrDefault(index => spec.Observations[index].IsImage, -1);
        if (image < 0)
        {
            throw new UserErrorException($"{parsed.GetValue(Name)} shows no images");
        }

        var (step, action, policy) = (new TimeStep(spec), new float[spec.Action.Size], new RandomPolicy(spec.Action, slots: 1, seed));
        var (pictures, score) = (new List<Raster>(), 0.0);
        for (environment.Reset(step); ; environment.Step(action, step))
        {
            cancellation.ThrowIfCancellationRequested();
            score += step.Reward;
            var shape = spec.Observations[image].Shape;
            pictures.Add(new Raster(shape[0], shape[1], shape[2], step.Observations[image].ToArray()));
            if (step.IsLast || pictures.Count == frames)
            {
                break;
            }

            policy.Act([0], [step], action);
        }

        File.WriteAllBytes(path, GifEncoder.Encode(pictures));
        Console.WriteLine($"{path}: {pictures.Count} frames, score {score:0.###}{(step.IsLast ? "" : " so far")}");
        return ExitCode.Success;
    }

    private static IEnvironment Make(ParseResult parsed, ulong seed)
    {
        try
        {
            return EnvironmentRegistry.Make(
                new EnvironmentOptions
                {
                    Name = parsed.GetValue(Name)!,
                    Observation = ObservationKind.Image,
                    Size = parsed.GetValue(Size),
                    Renderer = parsed.GetValue(Renderer),
                },
                seed);
        }
        catch (ArgumentException refused)
        {
            throw new UserErrorException(refused.Message, ExitCode.Usage, refused);
        }
    }
}
