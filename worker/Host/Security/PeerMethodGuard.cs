using Cluster.Protos.Security;
using Microsoft.AspNetCore.Http;

namespace Cluster.Worker.Security;

/// <summary>
/// Peers may call what peers need: the rest is the coordinator's. Who gets here has a certificate that was good when the connection was made; a
/// revocation ends that for calls to come.
/// </summary>
internal sealed class PeerMethodGuard(PeerCredentials credentials)
{
    private const string PermissionDenied = "7";

    private static readonly string[] s_peerMethods =
    [
        "/cluster.v1.Worker/Exchange", "/cluster.v1.Worker/OpenChannel", "/cluster.v1.Worker/FormDeviceGroup", "/cluster.v1.Worker/Echo",
        "/grpc.health.v1.Health/", "/cluster.v1.Weights/",
    ];

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "";
        var certificate = context.Connection.ClientCertificate;
        var isAllowed = certificate is not null && PeerCertificates.NameOf(certificate) switch
        {
            { Role: PeerRole.Coordinator } => true,
            { Role: PeerRole.Worker } peer => Array.Exists(s_peerMethods, method => path.StartsWith(method, StringComparison.Ordinal))
                && !credentials.Revoked.Includes(peer.Worker, PeerCertificates.IssuedAt(certificate)),
            _ => false,
        };
        if (isAllowed) return next(context);

        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = PermissionDenied;
        context.Response.Headers["grpc-message"] = "the caller may not do this";
        return Task.CompletedTask;
    }
}
