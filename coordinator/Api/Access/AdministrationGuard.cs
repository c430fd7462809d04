using System.Net;
using Cluster.Coordinator.Api.Keys;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Access;

/// <summary>
/// Lets only administrators change the cluster: those whose key says so, or where no keys are asked, whoever is on this machine.
/// </summary>
internal static class AdministrationGuard
{
    public static Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Administration>() is null) return next(context);

        var isAllowed = context.Features.Get<ApiKey>() is { } key ? key.IsAdmin : context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from);
        return isAllowed
            ? next(context)
            : throw new ApiException(new ApiError(
                StatusCodes.Status403Forbidden,
                "Changing the cluster takes a key with admin=yes ('cluster keys create NAME --admin'), or without keys the coordinator's own machine.",
                Code: "administration_not_allowed"));
    }
}
