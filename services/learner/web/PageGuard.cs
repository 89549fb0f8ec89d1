using System.Net;
using System.Reflection;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dreamer.Learner.Web;

/// <summary>
/// What a request for the page passes first. It must be for a host that the page is served as: a foreign site whose name suddenly means this
/// machine (DNS rebinding) is refused. Where tokens are configured it must show one, as a cookie that the login leaves or as a bearer token.
/// </summary>
public sealed class PageGuard
{
    private const int LongestForm = 4096;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    // What the login itself looks like.
    private static readonly PathString[] Open = ["/style.css", "/icon.svg"];
    private static readonly string Login = ReadLogin();

    private readonly HashSet<string> _hosts;
    private readonly string _setting;
    private readonly TokenBook _tokens;

    private PageGuard(IEnumerable<string> hosts, string setting, TokenBook tokens) =>
        (_hosts, _setting, _tokens) = (new HashSet<string>([.. hosts, "localhost", Dns.GetHostName()], StringComparer.OrdinalIgnoreCase), setting, tokens);

    /// <param name="hosts">Names that the page is served as, beside <c>localhost</c>, this machine's name and any address.</param>
    /// <param name="hostsSetting">Key of these, for refusals.</param>
    /// <param name="tokenFile">Tokens that open the page, one a line; empty: nobody is asked.</param>
    /// <param name="tokenSetting">Key of that file.</param>
    /// <exception cref="ConfigurationException">The file cannot be read or holds no token.</exception>
    public static PageGuard Load(IEnumerable<string> hosts, string hostsSetting, string tokenFile, string tokenSetting, TimeProvider time) =>
        new(hosts, hostsSetting, TokenBook.Load([(PeerRole.Operator, tokenSetting, tokenFile)], time));

    /// <summary>Lets a request through to <paramref name="next"/>, or answers it.</summary>
    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!Knows(request.Host.Host))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            await context.Response.WriteAsync($"This page is not served as '{request.Host.Host}'; if it is to be, add the name to {_setting}.");
        }
        else if (_tokens.IsEmpty || IsKnown(request.Cookies[Cookie(request)]) || _tokens.Find(request) != PeerRole.None || Array.Exists(Open, path => path == request.Path))
        {
            await next(context);
        }
        else if (request.Path == "/login" && HttpMethods.IsPost(request.Method))
        {
            await LogInAsync(context);
        }
        else
        {
            await AskAsync(context.Response, again: false);
        }
    }

    // An address is never what somebody else's name has become.
    private bool Knows(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _) || _hosts.Contains(host.TrimEnd('.'));

    private bool IsKnown(string? token) => token is not null && _tokens.Find(token) != PeerRole.None;

    // Pages of several runs on one machine differ in the port only, which cookies do not tell apart.
    private static string Cookie(HttpRequest request) => $"dreamer-{request.Host.Port ?? 80}";

    private async Task LogInAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LongestForm;
        var token = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["token"].ToString().Trim() : "";
        if (!IsKnown(token))
        {
            await AskAsync(context.Response, again: true);
            return;
        }

        context.Response.Cookies.Append(
            Cookie(context.Request), token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, MaxAge = Remembered, IsEssential = true });
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
    }

    private static Task AskAsync(HttpResponse response, bool again)
    {
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = response.Headers.ContentSecurityPolicy.ToString().Replace("form-action 'none'", "form-action 'self'", StringComparison.Ordinal);
        return response.WriteAsync(again ? Login.Replace(" hidden", "", StringComparison.Ordinal) : Login);
    }

    private static string ReadLogin()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("page/login.html")!);
        return reader.ReadToEnd();
    }
}
