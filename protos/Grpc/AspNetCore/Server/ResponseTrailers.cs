using System.Globalization;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server;

/// <summary>Writes the end of a call.</summary>
internal static class ResponseTrailers
{
    /// <summary>A whole response without messages: the status goes with the headers.</summary>
    public static void SendOnly(HttpResponse response, Status status)
    {
        response.ContentType = GrpcProtocol.ContentType;
        Write(response.Headers, status, Metadata.Empty);
    }

    public static void Write(IHeaderDictionary destination, Status status, Metadata trailers)
    {
        Write(destination, trailers);
        destination[GrpcProtocol.StatusHeader] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
            destination[GrpcProtocol.MessageHeader] = PercentEncoding.Encode(status.Detail);
    }

    public static void Write(IHeaderDictionary destination, Metadata metadata)
    {
        foreach (var entry in metadata)
            destination[entry.Key] = StringValues.Concat(destination[entry.Key], MetadataCodec.Encode(entry));
    }
}
