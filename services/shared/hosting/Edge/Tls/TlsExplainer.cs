using System.Net.Http;
using System.Security.Authentication;
using Grpc.Core;

namespace Dreamer.Hosting.Edge.Tls;

/// <summary>
/// Says of a connection that does not come about which setting helps. A server that cannot prove who it is counts as a refusal
/// (UNAUTHENTICATED): to try again cannot help. Anything else may be an outage, and stays one (UNAVAILABLE).
/// </summary>
internal sealed class TlsExplainer(HttpMessageHandler inner, string section, string addressSetting, bool showsCertificate) : DelegatingHandler(inner)
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
            throw new HttpRequestException($"{error.Message.TrimEnd('.')}. {hint}", error, error.StatusCode);
        }
    }

    private string? Hint(Uri address, HttpRequestException error)
    {
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            return error.HttpRequestError is HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded
                ? $"If the service speaks TLS, write https:// in {addressSetting} and set {section}.ca_file"
                : null;
        }

        if (Mentions(error, "alert") || Mentions(error, "certificate required"))
        {
            return showsCertificate
                ? $"The service does not take the certificate in {section}.certificate_file; it must come from the authority in the service's {section}.ca_file"
                : $"The service may ask for a client certificate: set {section}.certificate_file and {section}.key_file";
        }

        return Find<AuthenticationException>(error) is not null || error.HttpRequestError == HttpRequestError.SecureConnectionError
            ? $"If the service does not speak TLS, write http:// in {addressSetting}"
            : null;
    }

    private static T? Find<T>(Exception? error) where T : Exception =>
        error is null ? null : error as T ?? Find<T>(error.InnerException);

    private static bool Mentions(Exception? error, string word) =>
        error is not null && (error.Message.Contains(word, StringComparison.OrdinalIgnoreCase) || Mentions(error.InnerException, word));
}
