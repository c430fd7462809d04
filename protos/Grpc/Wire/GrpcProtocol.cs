namespace Grpc.Wire;

/// <summary>Names and constants of <c>grpc/doc/PROTOCOL-HTTP2.md</c>.</summary>
internal static class GrpcProtocol
{
    public const string ContentType = "application/grpc";
    public const string StatusHeader = "grpc-status";
    public const string MessageHeader = "grpc-message";
    public const string TimeoutHeader = "grpc-timeout";
    public const string EncodingHeader = "grpc-encoding";
    public const string AcceptEncodingHeader = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string AcceptedEncodings = "identity,gzip";

    /// <summary>Before each message: one byte that says whether it is compressed, then its length, big-endian.</summary>
    public const int HeaderSize = 5;

    /// <summary>4 MiB, the limit that other implementations have too.</summary>
    public const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>Says whether a content type is gRPC's, with or without <c>+proto</c> or parameters.</summary>
    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is ';' or '+');

    public static bool IsKnownEncoding(string encoding) => encoding is Identity or Gzip;
}
