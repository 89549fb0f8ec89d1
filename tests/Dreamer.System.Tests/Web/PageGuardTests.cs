using System.Net;
using System.Net.Http.Headers;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Learner.Web;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.System.Tests.Web;

/// <summary>Who sees the page: by which name it is asked for, and with which token.</summary>
public sealed class PageGuardTests : IDisposable
{
    private const string Token = "a-token;of \"those, who may\"";

    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost:80", true)]
    [InlineData("LOCALHOST.:7480", true)]
    [InlineData("[::1]:7480", true)]
    [InlineData("192.0.2.7:7480", true)]
    [InlineData("dreams.example.org", true)]
    [InlineData("evil.example.org", false)]
    [InlineData("localhost.evil.example.org:7480", false)]
    [InlineData("127.0.0.1.evil.example.org", false)]
    [InlineData("example.org", false)]
    public async Task A_name_that_is_not_the_page_s_own_is_refused(string host, bool served)
    {
        await using var page = await StartAsync("");
        foreach (var path in new[] { "", "api/runs", "style.css" })
        {
            using var answer = await AskAsync(HttpMethod.Get, page.Url + path, request => request.Headers.Host = host);
            Assert.Equal(served ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
            Assert.Equal(served, !(await answer.Content.ReadAsStringAsync()).Contains("learner.web_hosts", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_the_token_there_is_nothing_but_the_question()
    {
        await using var page = await StartAsync(Secret("a-token"));
        foreach (var path in new[] { "", "api/runs", "api/runs/0/now", "app.js", "api/runs/0/pictures/x.png", "nowhere" })
        {
            using var answer = await AskAsync(HttpMethod.Get, page.Url + path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains("<form", await answer.Content.ReadAsStringAsync());
            Assert.Contains("form-action 'self'", answer.Headers.GetValues("Content-Security-Policy").Single());
        }

        using var wrong = await AskAsync(HttpMethod.Get, page.Url + "api/runs", request => request.Headers.Authorization = new("Bearer", "a-toke"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var right = await AskAsync(HttpMethod.Get, page.Url + "api/runs", request => request.Headers.Authorization = new("Bearer", "a-token"));
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task The_login_leaves_a_cookie_that_no_script_and_no_other_site_gets()
    {
        var file = Secret("first-token");
        await using var page = await StartAsync(file);
        using (var refused = await LogInAsync(page, "token=wrong"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.False(refused.Headers.Contains("Set-Cookie"));
            Assert.DoesNotContain("hidden", await refused.Content.ReadAsStringAsync());
        }

        using (var endless = await LogInAsync(page, "token=" + new string('x', 10_000)))
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, endless.StatusCode);
        }

        using var let = await LogInAsync(page, "token=first-token");
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (let.StatusCode, let.Headers.Location!.ToString()));
        var cookie = let.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, await WithCookieAsync(page, cookie));

        // Whoever changes the file shuts those out who were in.
        await File.WriteAllTextAsync(file, "second-token-of-another-length");
        await Until.HoldsAsync("the old token is shut out", async () => await WithCookieAsync(page, cookie) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_person_is_asked_once()
    {
        await using var page = await StartAsync(Secret("of-those-who-may"));
        await using var browser = await Browser.StartAsync(_directory["profile"]);
        await browser.LookAsync(1000, 700);
        await browser.OpenAsync(page.Url);
        await browser.HoldsAsync("document.readyState === 'complete' && document.querySelector('#login input') !== null && document.getElementById('notice').hidden");
        await browser.EvaluateAsync("(() => { document.querySelector('#login input').value = 'wrong'; document.querySelector('#login button').click(); })()");
        await browser.HoldsAsync("document.readyState === 'complete' && document.querySelector('#login input')?.value === '' && !document.getElementById('notice').hidden");
        await browser.EvaluateAsync("(() => { document.querySelector('#login input').value = 'of-those-who-may'; document.querySelector('#login button').click(); })()");
        await browser.HoldsAsync("document.getElementById('state')?.textContent === 'recorded' && document.cookie === ''");
        await browser.OpenAsync(page.Url);
        await browser.HoldsAsync("document.getElementById('state')?.textContent === 'recorded' && document.getElementById('login') === null");
    }

    [Fact]
    public void A_token_file_that_cannot_be_used_is_named()
    {
        Assert.Contains("learner.web_token_file", Assert.Throws<ConfigurationException>(() => Guard(_directory["missing"])).Message);
        Assert.Contains("learner.web_token_file", Assert.Throws<ConfigurationException>(() => Guard(Secret(Token))).Message);
    }

    private async Task<RunPage> StartAsync(string tokenFile)
    {
        Directory.CreateDirectory(_directory["run"]);
        return await RunPage.StartAsync(
            new ListenAddress("learner.web_listen", "127.0.0.1", 0), [new ShownRun(_directory["run"], RunFacts.Unknown)], Guard(tokenFile), NullLoggerFactory.Instance, CancellationToken.None);
    }

    private static PageGuard Guard(string tokenFile) =>
        PageGuard.Load(["dreams.example.org"], "learner.web_hosts", tokenFile, "learner.web_token_file", TimeProvider.System);

    private string Secret(string text)
    {
        File.WriteAllText(_directory["token"], text);
        return _directory["token"];
    }

    private static Task<HttpResponseMessage> LogInAsync(RunPage page, string form) => AskAsync(
        HttpMethod.Post, page.Url + "login", request => request.Content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded")));

    private static async Task<HttpStatusCode> WithCookieAsync(RunPage page, string cookie)
    {
        using var answer = await AskAsync(HttpMethod.Get, page.Url + "api/runs", request => request.Headers.Add("Cookie", cookie.Split(';')[0]));
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpMethod method, string url, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(method, url);
        with?.Invoke(request);
        return await Client.SendAsync(request);
    }
}
