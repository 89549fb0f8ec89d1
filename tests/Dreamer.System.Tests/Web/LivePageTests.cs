using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Web;

/// <summary>The page of a run that trains, in a real browser.</summary>
public sealed partial class LivePageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_shows_a_run_while_it_trains_and_says_when_it_has_ended()
    {
        await using var train = DreamerCommand.Start(
            _directory.Path,
            [
                "train", "--configs", "cartpole_image", "debug", "--steps", "1000000", "--learner.log_seconds", "0.2", "--learner.report_seconds", "1", "--learner.film_seconds", "1",
                "--learner.web_listen", "127.0.0.1:0", "--logdir", _directory["run"],
            ]);
        await Until.HoldsAsync("the address of the page is told", () => Address().IsMatch(train.Errors), () => train.Said);
        var url = Address().Match(train.Errors).Groups[1].Value;
        await using var browser = await Browser.StartAsync(_directory["profile"]);
        await browser.LookAsync(1360, 900);
        await browser.OpenAsync(url);

        // Curves: a line of several points for the score, one for every loss, and the target of the train ratio.
        await browser.HoldsAsync("document.querySelector('#score path.curve')?.getAttribute('d').split('L').length > 2", () => train.Said);
        await browser.HoldsAsync("document.querySelectorAll('#losses-charts path.curve').length >= 7", () => train.Said);
        await browser.HoldsAsync("document.querySelector('#main line.target') !== null");

        // Figures, the service, and the pictures that the run has drawn so far.
        await browser.HoldsAsync("/^[0-9.]+k?$/.test(document.querySelector('#figures strong').textContent)");
        await browser.HoldsAsync("[...document.querySelectorAll('#figures strong')].length === 6");
        await browser.HoldsAsync("document.querySelector('#actors tbody').textContent.includes('this process')");
        await browser.HoldsAsync("document.querySelectorAll('#replay tbody tr').length >= 12 && document.querySelector('#hops tbody').textContent.includes('learner · update')");
        await browser.HoldsAsync("document.querySelector('#episode img')?.naturalWidth === 64", () => train.Said);
        await browser.HoldsAsync("[...document.querySelectorAll('#pictures img')].filter((image) => image.naturalWidth > 0).length >= 3", () => train.Said);
        await browser.HoldsAsync("document.getElementById('state').textContent === 'training' && document.getElementById('notice').hidden");

        // What is asked for on demand, the cursor, and the slider.
        await browser.EvaluateAsync("document.getElementById('more').open = true");
        await browser.HoldsAsync("document.querySelectorAll('#more-charts path.curve').length > 5");
        await browser.EvaluateAsync("(() => { const box = document.querySelector('#score svg').getBoundingClientRect(); document.querySelector('#score svg').dispatchEvent(new PointerEvent('pointermove', { clientX: box.x + box.width / 2, clientY: box.y + 50 })); })()");
        await browser.HoldsAsync("document.getElementById('cursor').textContent.startsWith('step ') && document.querySelectorAll('line.cursor').length > 3");
        await browser.EvaluateAsync("(() => { const slider = document.getElementById('smoothing'); slider.value = 0; slider.dispatchEvent(new Event('input')); })()");
        await browser.HoldsAsync("document.getElementById('smoothed').textContent === '0.00' && document.querySelector('#score path.raw') === null");
        await browser.EvaluateAsync("(() => { document.getElementById('more').open = false; document.getElementById('theme').click(); document.getElementById('theme').click(); })()");
        await browser.HoldsAsync("document.documentElement.dataset.theme === 'dark' && getComputedStyle(document.body).backgroundColor !== 'rgb(245, 245, 242)'");
        await browser.EvaluateAsync("document.getElementById('theme').click()");

        foreach (var (width, dark) in new[] { (1360, false), (1360, true), (390, false) })
        {
            var picture = await browser.ShootAsync(width, dark);
            Assert.Equal(width, BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)));
            await browser.HoldsAsync("document.documentElement.scrollWidth <= innerWidth", () => $"wider than {width} pixels");
            if (Environment.GetEnvironmentVariable("DREAMER_SCREENSHOTS") is { Length: > 0 } kept)
            {
                await File.WriteAllBytesAsync(Path.Combine(kept, $"page-{width}{(dark ? "-dark" : "")}.png"), picture);
            }
        }

        await AssertDocumentedAsync(url);
        Assert.Empty(browser.Complaints);
        Assert.NotEmpty(browser.Requests);
        Assert.All(browser.Requests, request => Assert.StartsWith(url, request));

        train.Interrupt();
        await train.ExitAsync();
        await browser.HoldsAsync("document.getElementById('state').dataset.state === 'gone' && document.getElementById('notice').textContent.includes('dreamer web')");
        Assert.True((await browser.EvaluateAsync("document.querySelector('#score path.curve') !== null")).GetBoolean());
    }

    [Fact]
    public async Task A_task_that_the_agent_does_not_see_is_filmed_all_the_same()
    {
        await using var train = DreamerCommand.Start(
            _directory.Path,
            ["train", "--configs", "debug", "--env", "Pendulum-v1", "--steps", "1000000", "--learner.film_seconds", "0.1", "--learner.web_listen", "", "--logdir", _directory["run"]]);
        string[] Films() => Directory.Exists(_directory["run/reports"]) ? Directory.GetFiles(_directory["run/reports"], "episode-*.gif") : [];
        await Until.HoldsAsync("two films", () => Films().Length >= 2, () => train.Said);
        train.Interrupt();
        Assert.True(await train.ExitAsync() == 130, train.Said);

        Assert.DoesNotContain("watch this run", train.Errors);
        var film = File.ReadAllBytes(Films().Order(StringComparer.Ordinal).Last());
        Assert.Equal("GIF89a"u8, film.AsSpan(0, 6));
        Assert.Equal((128, 128), (BinaryPrimitives.ReadInt16LittleEndian(film.AsSpan(6)), BinaryPrimitives.ReadInt16LittleEndian(film.AsSpan(8))));

        // 200 steps and the first observation, each preceded by its delay.
        Assert.Equal(201, film.AsSpan().Count((ReadOnlySpan<byte>)[0x21, 0xF9, 4, 0]));
    }

    // Every name in the answers stands in the documentation.
    private static async Task AssertDocumentedAsync(string url)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "web.md"));
        using var client = new HttpClient();
        foreach (var path in new[] { "api/runs", "api/runs/0/now", "api/runs/0/pictures" })
        {
            Check(JsonDocument.Parse(await client.GetStringAsync(url + path)).RootElement);
        }

        void Check(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                Assert.NotEmpty(value.EnumerateArray());
                Check(value[0]);
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in value.EnumerateObject())
                {
                    Assert.Contains($"`{property.Name}`", page);
                    Check(property.Name == "losses" ? default : property.Value);
                }
            }
        }
    }

    [GeneratedRegex(@"watch this run at (http://127\.0\.0\.1:\d+/)")]
    private static partial Regex Address();
}
