using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>
/// Says of a connection that does not come about which setting helps. A server that cannot prove who it is counts as a refusal
/// (UNAUTHENTICATED): to try again cannot help. Anything else may be an outage, and stays one (UNAVAILABLE).
/// </summary>
internal sealed class TlsExplainer(SocketsHttpHandler inner, string section, string? urlSetting, bool showsCertificate) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException error) when (Find<PeerRefusedException>(error) is { } refused)
        {
            return GrpcRefusal.ToResponse(request, new Status(StatusCode.Unauthenticated, refused.Message));
        }
        catch (HttpRequestException error) when (Hint(request.RequestUri!, error) is { } hint)
        {
            return GrpcRefusal.ToResponse(request, new Status(StatusCode.Unavailable, $"{Innermost(error).Message.TrimEnd('.')}. {hint}"));
        }
        catch (OperationCanceledException late) when (late.InnerException is TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            // As it comes it looks like a call that its caller gave up.
            return GrpcRefusal.ToResponse(request, new Status(StatusCode.Unavailable, $"no connection within {inner.ConnectTimeout.TotalSeconds:0.#} s"));
        }
    }

    private string? Hint(Uri address, HttpRequestException error)
    {
        // How a connection ends that the other end does not want: which of these it is depends on who was faster.
        var cutOff = Mentions(error, "HTTP/2 handshake") || error.HttpRequestError == HttpRequestError.ResponseEnded
            || Innermost(error) is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown };
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            return (cutOff || error.HttpRequestError is HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse)
                && !Mentions(error, "reset the stream")
                ? $"If the service speaks TLS, {(urlSetting is null ? "" : $"write https:// in {urlSetting} and ")}set {section}.ca_file"
                : null;
        }

        // A server judges a client's certificate after the client's part of the handshake: all that comes is the end of the connection.
        if (cutOff || Mentions(error, "alert"))
        {
            return showsCertificate
                ? $"If the service asks for certificates, it does not take that in {section}.certificate_file, which must be a client's of the authority in the service's ca_file"
                : $"If the service asks for certificates, set {section}.certificate_file and {section}.key_file";
        }

        return Find<AuthenticationException>(error) is not null || error.HttpRequestError == HttpRequestError.SecureConnectionError
            ? $"If the service does not speak TLS, {(urlSetting is null ? $"leave {section}.ca_file empty" : $"write http:// in {urlSetting}")}"
            : null;
    }

    private static T? Find<T>(Exception? error) where T : Exception =>
        error is null ? null : error as T ?? Find<T>(error.InnerException);

    private static Exception Innermost(Exception error) => error.InnerException is null ? error : Innermost(error.InnerException);

    private static bool Mentions(Exception? error, string word) =>
        error is not null && (error.Message.Contains(word, StringComparison.OrdinalIgnoreCase) || Mentions(error.InnerException, word));
}
