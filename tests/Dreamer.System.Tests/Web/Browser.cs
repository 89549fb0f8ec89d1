using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Web;

/// <summary>A headless Chromium with one tab, spoken to over its DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly CancellationTokenSource _closing = new();
    private Task _reading = Task.CompletedTask;
    private int _last;

    private Browser(ChildProcess process) => _process = process;

    /// <summary>Errors and warnings of the page: exceptions, the console, what a policy refused, what could not be loaded.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Every URL that the page has asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <param name="profile">An empty directory.</param>
    public static async Task<Browser> StartAsync(string profile)
    {
        Directory.CreateDirectory(profile);
        var process = ChildProcess.Start(
            "chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
                "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
            ],
            profile);
        var browser = new Browser(process);
        try
        {
            await browser.ConnectAsync(Path.Combine(profile, "DevToolsActivePort"));
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets the window's size in pixels and the preferred colours.</summary>
    public async Task LookAsync(int width, int height, bool dark = false)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        var colours = new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" };
        await CallAsync("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(colours) });
    }

    public Task OpenAsync(string url) => CallAsync("Page.navigate", new JsonObject { ["url"] = url });

    /// <summary>The value of an expression in the page; what it throws fails the test.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await AskAsync(expression);
        Assert.False(answer.TryGetProperty("exceptionDetails", out var thrown), $"{expression}: {thrown}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true. Of a page that is half there it may well throw: that is not yet.</summary>
    public Task HoldsAsync(string expression, Func<string>? context = null)
    {
        JsonElement answer = default;
        return Until.HoldsAsync(
            expression,
            async () =>
            {
                answer = await AskAsync(expression);
                return answer.TryGetProperty("result", out var result) && result.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.True;
            },
            () => string.Join('\n', [.. Complaints, answer.ToString(), context?.Invoke()]));
    }

    /// <summary>What the window shows (PNG), the whole page long.</summary>
    public async Task<byte[]> ShootAsync(int width, bool dark = false)
    {
        await LookAsync(width, 900, dark);
        var height = (await EvaluateAsync("document.documentElement.scrollHeight")).GetInt32();
        await LookAsync(width, height, dark);
        return (await CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" })).GetProperty("data").GetBytesFromBase64();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        await _process.DisposeAsync();
        _closing.Dispose();
    }

    private async Task ConnectAsync(string portFile)
    {
        await Until.HoldsAsync("Chromium listens", () => File.Exists(portFile) && File.ReadAllText(portFile).Contains('\n'), () => _process.Said);
        var port = File.ReadAllLines(portFile)[0];
        JsonElement? tab = null;
        await Until.HoldsAsync(
            "Chromium has a tab",
            async () =>
            {
                if (await Health.GetAsync($"127.0.0.1:{port}", "/json") is not (HttpStatusCode.OK, var targets))
                {
                    return false;
                }

                tab = JsonDocument.Parse(targets).RootElement.EnumerateArray().Where(target => target.GetProperty("type").GetString() == "page").Select(target => (JsonElement?)target).FirstOrDefault();
                return tab is not null;
            },
            () => _process.Said);
        await _socket.ConnectAsync(new Uri(tab!.Value.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        _reading = ReadAsync();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await CallAsync($"{domain}.enable", []);
        }
    }

    private Task<JsonElement> AskAsync(string expression) =>
        CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _calls[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return await answer.Task.WaitAsync(Until.Limit);
    }

    private async Task ReadAsync()
    {
        var (message, buffer) = (new MemoryStream(), new byte[1 << 16]);
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _closing.Token);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonDocument.Parse(message.ToArray()).RootElement);
                    message.SetLength(0);
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException or JsonException)
        {
            foreach (var call in _calls.Values)
            {
                call.TrySetException(new InvalidOperationException($"Chromium ended: {ended.Message}"));
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id))
        {
            if (_calls.TryRemove(id.GetInt32(), out var call))
            {
                call.TrySetResult(message.TryGetProperty("result", out var result) ? result : message);
            }

            return;
        }

        var parameters = message.GetProperty("params");
        switch (message.GetProperty("method").GetString())
        {
            case "Network.requestWillBeSent":
                _requests.Enqueue(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.exceptionThrown":
            case "Runtime.consoleAPICalled" when parameters.GetProperty("type").GetString() is "error" or "warning" or "assert":
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                _complaints.Enqueue(parameters.ToString());
                break;
        }
    }
}
