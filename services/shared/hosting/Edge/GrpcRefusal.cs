using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Dreamer.Hosting.Edge;

/// <summary>gRPC's answer that consists of a status alone, made before any message is read.</summary>
internal static class GrpcRefusal
{
    private const string ContentType = "application/grpc";
    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";

    /// <summary>Server side.</summary>
    public static void Write(HttpResponse response, Status status)
    {
        response.ContentType = ContentType;
        response.Headers[StatusHeader] = Number(status);
        response.Headers[MessageHeader] = Uri.EscapeDataString(status.Detail);
    }

    /// <summary>Client side: as if the service had refused.</summary>
    public static HttpResponseMessage ToResponse(HttpRequestMessage request, Status status)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } },
        };
        response.Headers.Add(StatusHeader, Number(status));
        response.Headers.Add(MessageHeader, Uri.EscapeDataString(status.Detail));
        return response;
    }

    private static string Number(Status status) => ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
}
