using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>Refuses requests that are not gRPC, by HTTP status.</summary>
internal static class RequestGuard
{
    public static bool TryAccept(HttpContext httpContext)
    {
        var request = httpContext.Request;
        var response = httpContext.Response;
        if (!HttpProtocol.IsHttp2(request.Protocol))
        {
            response.StatusCode = StatusCodes.Status426UpgradeRequired;
            response.Headers.Upgrade = "h2c";
            return Refuse(response, $"gRPC needs HTTP/2, not {request.Protocol}.");
        }

        if (!GrpcProtocol.IsGrpcContentType(request.ContentType))
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Refuse(response, $"The content type '{request.ContentType}' is not gRPC's.");
        }

        return true;
    }

    private static bool Refuse(HttpResponse response, string message)
    {
        ResponseTrailers.Write(response.Headers, new Status(StatusCode.Internal, message), Metadata.Empty);
        return false;
    }
}
