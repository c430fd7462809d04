using System.Net;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>Makes the HTTP/2 request of a call.</summary>
internal static class RequestFactory
{
    private static readonly string UserAgent = $"grpc-csharp-cluster/{typeof(RequestFactory).Assembly.GetName().Version?.ToString(3)}";

    public static HttpRequestMessage Create(GrpcChannel channel, IMethod method, string? host, in CallOptions options, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(channel.Address, method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation(GrpcProtocol.AcceptEncodingHeader, GrpcProtocol.AcceptedEncodings);
        if (options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var left = deadline.ToUniversalTime() - channel.Time.GetUtcNow().UtcDateTime;
            request.Headers.TryAddWithoutValidation(GrpcProtocol.TimeoutHeader, TimeoutEncoding.Encode(left));
        }

        foreach (var entry in options.Headers ?? Metadata.Empty)
        {
            var value = MetadataCodec.Encode(entry);

            // The framework files some names (such as "expires") under the content.
            if (!request.Headers.TryAddWithoutValidation(entry.Key, value))
                content.Headers.TryAddWithoutValidation(entry.Key, value);
        }

        if (!request.Headers.NonValidated.Contains("user-agent"))
            request.Headers.TryAddWithoutValidation("user-agent", UserAgent);
        return request;
    }
}
