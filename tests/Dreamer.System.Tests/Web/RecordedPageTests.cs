using System.Net;
using System.Text.Json;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Learner.Web;
using Dreamer.Reporting;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.System.Tests.Web;

/// <summary>The page of runs that were written down before, and its answers as any program gets them.</summary>
public sealed class RecordedPageTests : IDisposable
{
    private static readonly HttpClient Client = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Runs_are_compared_in_the_browser()
    {
        foreach (var seed in new[] { 0, 1, 2 })
        {
            Write($"runs/CartPole-v1-dreamer_v3-{seed}", seed, episodes: 320);
        }

        await using var web = DreamerCommand.Start(_directory.Path, ["web", "--logdir", "runs", "--listen", "127.0.0.1:0"]);
        await Until.HoldsAsync("the address is told", () => web.Output.Contains("3 runs at http://127.0.0.1:", StringComparison.Ordinal), () => web.Said);
        await using var browser = await Browser.StartAsync(_directory["profile"]);
        await browser.LookAsync(1200, 900);
        await browser.OpenAsync(web.Output.Split("runs at ")[1].Trim());

        await browser.HoldsAsync("document.querySelectorAll('#score path.curve').length === 3");
        await browser.HoldsAsync("document.getElementById('state').textContent === 'finished' && document.getElementById('service').hidden");
        await browser.HoldsAsync("document.querySelectorAll('#legend input').length === 3 && document.querySelectorAll('#pictures img').length === 0");
        await browser.EvaluateAsync("document.querySelectorAll('#legend input')[1].click()");
        await browser.HoldsAsync("document.querySelectorAll('#score path.curve').length === 2 && document.querySelector('#score path.curve.run-1') === null");
        await browser.EvaluateAsync("(() => { const choice = document.getElementById('run'); choice.value = '2'; choice.dispatchEvent(new Event('change')); })()");
        await browser.HoldsAsync("document.getElementById('facts').textContent.includes('seed 2')");
        if (Environment.GetEnvironmentVariable("DREAMER_SCREENSHOTS") is { Length: > 0 } kept)
        {
            await File.WriteAllBytesAsync(Path.Combine(kept, "compare.png"), await browser.ShootAsync(1200));
        }

        Assert.Empty(browser.Complaints);
        web.Interrupt();
        Assert.Equal(130, await web.ExitAsync());
    }

    [Fact]
    public async Task Answers_are_the_figures_of_the_files()
    {
        var run = Write("run", seed: 3, episodes: 30, picture: true);
        await using var page = await StartAsync(run);

        var runs = await JsonAsync(page, "api/runs");
        Assert.Equal("""[{"id":0,"name":"run","task":"CartPole-v1","agent":"dreamer_v3","seed":3,"steps":32000,"live":false}]""", runs.ToString());

        var now = await JsonAsync(page, "api/runs/0/now");
        var figures = now.GetProperty("figures");
        Assert.Equal("recorded", now.GetProperty("state").GetString());
        Assert.Equal((3000L, 30L, 19.5), (figures.GetProperty("env_steps").GetInt64(), figures.GetProperty("episodes").GetInt64(), figures.GetProperty("score").GetDouble()));
        Assert.Equal(JsonValueKind.Null, figures.GetProperty("eta_seconds").ValueKind);
        Assert.Equal(JsonValueKind.Null, now.GetProperty("actors").ValueKind);
        Assert.Equal(1.5, now.GetProperty("losses").GetProperty("dyn").GetDouble());

        var curves = await JsonAsync(page, "api/runs/0/curves");
        var score = curves.GetProperty("series").GetProperty("episode/score");
        Assert.Equal(Enumerable.Range(1, 30).Select(episode => 100 * episode), score.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()));
        Assert.Equal(Enumerable.Range(0, 30), score.GetProperty("values").EnumerateArray().Select(value => (int)value.GetDouble()));
        Assert.True(curves.GetProperty("series").TryGetProperty("train/opt/grad_norm", out _));
        Assert.False((await JsonAsync(page, "api/runs/0/curves?only=headline")).GetProperty("series").TryGetProperty("train/opt/grad_norm", out _));
        Assert.Equal(JsonValueKind.Null, (await JsonAsync(page, $"api/runs/0/curves?since={curves.GetProperty("version").GetInt64()}")).GetProperty("series").ValueKind);

        var picture = (await JsonAsync(page, "api/runs/0/pictures"))[0];
        Assert.Equal(("openloop_image", false), (picture.GetProperty("name").GetString(), picture.GetProperty("film").GetBoolean()));
        var file = picture.GetProperty("files")[0].GetProperty("file").GetString();
        Assert.Equal(File.ReadAllBytes(_directory[$"run/reports/{file}"]), await Client.GetByteArrayAsync($"{page.Url}api/runs/0/pictures/{file}"));
    }

    [Fact]
    public async Task It_only_reads_and_only_what_is_its_own()
    {
        var run = Write("run", seed: 0, episodes: 1);
        await File.WriteAllTextAsync(_directory["run/reports/secret-000000001.txt"], "secret");
        await using var page = await StartAsync(run);

        foreach (var path in new[]
        {
            "api/runs/1/now", "api/runs/-1/now", "api/runs/1/curves", "api/runs/0/pictures/none-000000001.png", "api/runs/0/pictures/secret-000000001.txt",
            "api/runs/0/pictures/..%2Fconfig.yaml", "api/runs/0/pictures/%2e%2e/config.yaml", "api/runs/0/pictures/..%2F..%2Frun%2Fconfig.yaml", "config.yaml", "nowhere",
        })
        {
            using var refused = await Client.GetAsync(page.Url + path);
            Assert.True(refused.StatusCode == HttpStatusCode.NotFound, $"{path}: {refused.StatusCode}");
        }

        using var posted = await Client.PostAsync(page.Url + "api/runs", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);

        using var index = await Client.GetAsync(page.Url);
        Assert.Equal("text/html", index.Content.Headers.ContentType!.MediaType);
        var policy = index.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", index.Headers.GetValues("X-Content-Type-Options").Single());
        using var again = new HttpRequestMessage(HttpMethod.Get, page.Url);
        again.Headers.IfNoneMatch.Add(index.Headers.ETag!);
        using var unchanged = await Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        foreach (var text in new[] { "index.html", "app.js", "chart.js", "style.css" })
        {
            Assert.DoesNotContain("://", (await Client.GetStringAsync(page.Url + (text == "index.html" ? "" : text))).Replace("http://www.w3.org/2000/svg", ""));
        }
    }

    [Fact]
    public async Task A_run_that_has_written_nothing_yet_is_shown_empty()
    {
        Directory.CreateDirectory(_directory["run"]);
        await using var page = await StartAsync(new ShownRun(_directory["run"], RunFacts.Unknown));

        var now = await JsonAsync(page, "api/runs/0/now");
        Assert.Equal(JsonValueKind.Null, now.GetProperty("figures").GetProperty("score").ValueKind);
        Assert.Equal(JsonValueKind.Null, now.GetProperty("written").ValueKind);
        Assert.Empty((await JsonAsync(page, "api/runs/0/curves")).GetProperty("keys").EnumerateArray());
        Assert.Empty((await JsonAsync(page, "api/runs/0/pictures")).EnumerateArray());
    }

    [Fact]
    public async Task A_second_page_takes_a_free_port_on_loopback_and_an_impossible_address_is_one_line()
    {
        var run = Write("run", seed: 0, episodes: 1);
        await using var first = await StartAsync(run);
        var taken = new Uri(first.Url).Port;
        await using var second = await RunPage.StartAsync(new ListenAddress("learner.web_listen", "127.0.0.1", taken), [run], Guard(), NullLoggerFactory.Instance, CancellationToken.None);
        Assert.NotEqual(taken, new Uri(second.Url).Port);
        Assert.Equal(1, (await JsonAsync(second, "api/runs")).GetArrayLength());

        // Not on all addresses: who asked for those expects the port.
        var error = await Assert.ThrowsAsync<UserErrorException>(
            () => RunPage.StartAsync(new ListenAddress("learner.web_listen", "0.0.0.0", taken), [run], Guard(), NullLoggerFactory.Instance, CancellationToken.None));
        Assert.StartsWith("learner.web_listen: cannot listen on", error.Message);
    }

    [Fact]
    public void Seeds_beside_a_run_are_found()
    {
        var run = Write("CartPole-v1-dreamer_v3-0", seed: 0, episodes: 1);
        Write("CartPole-v1-dreamer_v3-1", seed: 1, episodes: 1);
        Write("Pendulum-v1-dreamer_v3-1", seed: 1, episodes: 1, settings: ["--env", "Pendulum-v1"]);
        Directory.CreateDirectory(_directory["broken-dreamer_v3-9"]);
        File.WriteAllText(_directory["broken-dreamer_v3-9/config.yaml"], "no_such_setting: 1\n");
        File.WriteAllText(_directory["broken-dreamer_v3-9/metrics.jsonl"], "{}\n");
        Assert.Equal(["CartPole-v1-dreamer_v3-1"], run.Siblings().Select(sibling => sibling.Name));
    }

    [Fact]
    public async Task A_directory_without_a_run_is_one_line()
    {
        var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, "web", "--logdir", _directory.Path);
        Assert.Equal(2, code);
        Assert.Contains(_directory.Path, DreamerCommand.ErrorLine(errors));
    }

    private static Task<RunPage> StartAsync(ShownRun run) =>
        RunPage.StartAsync(new ListenAddress("learner.web_listen", "127.0.0.1", 0), [run], Guard(), NullLoggerFactory.Instance, CancellationToken.None);

    private static PageGuard Guard() => PageGuard.Load([], "learner.web_hosts", "", "learner.web_token_file", TimeProvider.System);

    private static async Task<JsonElement> JsonAsync(RunPage page, string path) => JsonDocument.Parse(await Client.GetStringAsync(page.Url + path)).RootElement;

    // Scores rise by one from episode to episode, each of 100 steps.
    private ShownRun Write(string name, int seed, int episodes, bool picture = false, string[]? settings = null)
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(["--configs", "cartpole", "--seed", $"{seed}", .. settings ?? []])
        {
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = _directory.Path,
        });
        using var logdir = Logdir.Open(_directory[name]);
        logdir.WriteConfig(ConfigurationPrinter.ToYaml(configuration));
        for (var episode = 0; episode < episodes; episode++)
        {
            logdir.WriteEpisode(100 * (episode + 1), episode, 100);
            logdir.WriteMetrics(100 * (episode + 1), [new("train/loss/dyn", 1.5), new("train/opt/grad_norm", seed), new("fps/policy", 10), new("replay/ratio", double.NaN)]);
        }

        if (picture)
        {
            logdir.WritePicture(3000, "openloop/image", [new Raster(1, 1, 1, new byte[1])], 10);
        }

        return new ShownRun(logdir.Path, RunFacts.Of(configuration));
    }
}
