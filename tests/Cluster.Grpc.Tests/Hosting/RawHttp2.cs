using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using Google.Protobuf;

namespace Grpc.Tests.Hosting;

/// <summary>Requests as they go over the wire, without the client library.</summary>
internal static class RawHttp2
{
    public static byte[] Frame(IMessage message, bool gzip = false)
    {
        var payload = message.ToByteArray();
        if (gzip)
        {
            using var compressed = new MemoryStream();
            using (var stream = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
                stream.Write(payload);
            payload = compressed.ToArray();
        }

        var frame = new byte[5 + payload.Length];
        frame[0] = gzip ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Posts a body and reads the whole response, so that its trailers are there.</summary>
    public static async Task<HttpResponseMessage> PostAsync(
        Uri address, string path, byte[] body, string? contentType = "application/grpc", params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    /// <summary>The gRPC status, from the trailers or, in a response without messages, from the headers.</summary>
    public static (string? Status, string? Message) StatusOf(HttpResponseMessage response)
    {
        var source = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        return (First(source, "grpc-status"), First(source, "grpc-message"));
    }

    private static string? First(System.Net.Http.Headers.HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.Single() : null;
}
