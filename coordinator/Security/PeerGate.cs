using System.Net;
using Cluster.Protos.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Coordinator.Security;

/// <summary>
/// Lets calls of this cluster's workers pass, and of strangers those by which they become such. It stands behind the handshake, so that who is
/// refused is told why; nothing else of the program sees a call before.
/// </summary>
internal sealed class PeerGate(ClusterSecurity security)
{
    private const string Unauthenticated = "16";

    private static readonly object s_peer = new();
    private static readonly string[] s_open = [EnrollmentService.GetAuthorityPath, EnrollmentService.EnrollPath];

    public static string? AddressOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip, context.Connection.RemotePort).ToString() : null;

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (Array.IndexOf(s_open, context.Request.Path.Value) < 0 && !IsLetIn(context)) return;
        await next(context).ConfigureAwait(false);
    }

    private bool IsLetIn(HttpContext context)
    {
        security.LookForChanges();
        var certificate = context.Connection.ClientCertificate;
        var known = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;

        // A certificate is judged when it is new to us: the connection may outlive it, which a revocation must not wait for.
        var verdict = known.TryGetValue(s_peer, out var peer) && certificate is not null
            ? Recheck((PeerName)peer!, PeerCertificates.IssuedAt(certificate))
            : security.Credentials.Judge(certificate, PeerUse.Client, static peer => peer.Role == PeerRole.Worker, AddressOf(context));
        if (verdict is { Refusal: null, Peer: { } name })
        {
            known[s_peer] = name;
            context.Features.Set(new PeerFeature(name, certificate!.SerialNumber));
            return true;
        }

        var refusal = JoinRefusal.Certificate(verdict.Refusal!.Value);
        security.Audit.Record(new JoinEvent("join")
        {
            Worker = verdict.Peer is { Role: PeerRole.Worker } named ? named.Worker : null,
            Address = AddressOf(context),
            Serial = certificate?.SerialNumber,
            Refusal = refusal,
        });
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = Unauthenticated;
        context.Response.Headers["grpc-message"] = refusal.Problem;
        return false;
    }

    private PeerVerdict Recheck(PeerName peer, DateTimeOffset issued) =>
        new(peer, security.Credentials.Revoked.Includes(peer.Worker, issued) ? PeerRefusal.Revoked : null);
}
