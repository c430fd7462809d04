using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>Reads a response's headers and trailers.</summary>
internal static class ResponseParser
{
    public static Metadata ReadHeaders(HttpResponseMessage response)
    {
        var headers = new Metadata();
        Read(response.Headers, headers);
        return headers;
    }

    /// <summary>The result of a call that ends with its headers (also one that is not gRPC), or null when messages follow.</summary>
    public static CallResult? Check(HttpResponseMessage response, out string encoding)
    {
        encoding = Find(response.Headers, GrpcProtocol.EncodingHeader) ?? GrpcProtocol.Identity;
        if (Find(response.Headers, GrpcProtocol.StatusHeader) is not null)
            return ReadResult(response.Headers);

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Failure(
                StatusMapping.FromHttpStatus(response.StatusCode), $"The server answered with HTTP status {(int)response.StatusCode}.");
        }

        var contentType = Find(response.Content.Headers, "content-type");
        if (!GrpcProtocol.IsGrpcContentType(contentType))
            return Failure(StatusCode.Unknown, $"The server answered with content type '{contentType}', which is not gRPC.");

        return GrpcProtocol.IsKnownEncoding(encoding)
            ? null
            : Failure(StatusCode.Internal, $"The server answered in the encoding '{encoding}', which was not offered.");
    }

    /// <summary>The result of a call whose messages have all been read.</summary>
    public static CallResult ReadTrailers(HttpResponseMessage response) => ReadResult(response.TrailingHeaders);

    private static CallResult ReadResult(HttpHeaders trailers)
    {
        if (Find(trailers, GrpcProtocol.StatusHeader) is not { } text)
            return Failure(StatusCode.Internal, "The server ended the call without a status.");

        // A code that is not known means Unknown (statuscodes.md).
        var code = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= (int)StatusCode.Unauthenticated ? (StatusCode)number : StatusCode.Unknown;
        var message = PercentEncoding.Decode(Find(trailers, GrpcProtocol.MessageHeader) ?? "");
        var metadata = new Metadata();
        Read(trailers, metadata);
        return new CallResult(new Status(code, message), metadata);
    }

    private static CallResult Failure(StatusCode code, string message) => new(new Status(code, message), Metadata.Empty);

    private static string? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static void Read(HttpHeaders headers, Metadata destination)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
                MetadataCodec.Decode(name, value, destination);
        }
    }
}
