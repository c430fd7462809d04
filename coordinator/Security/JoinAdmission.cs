using Cluster.Coordinator.Membership;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Security;

/// <summary>A worker on its way into the cluster, whose certificate the gate has found good.</summary>
internal sealed class JoinAdmission
{
    private readonly ClusterSecurity _security;
    private readonly JoinEvent _event;

    private JoinAdmission(ClusterSecurity security, JoinEvent what, DateTimeOffset issued) => (_security, _event, Issued) = (security, what, issued);

    /// <summary>When its certificate was issued.</summary>
    public DateTimeOffset Issued { get; }

    /// <param name="security">The cluster's.</param>
    /// <param name="name">What the worker calls itself.</param>
    /// <param name="context">Its call.</param>
    /// <exception cref="RpcException">The certificate is another worker's.</exception>
    public static JoinAdmission Check(ClusterSecurity security, string name, HttpContext context)
    {
        var caller = context.Features.Get<PeerFeature>()!;
        var what = new JoinEvent("join") { Worker = caller.Peer.Worker, Address = PeerGate.AddressOf(context), Serial = caller.Serial };
        if (caller.Peer.Worker == name) return new JoinAdmission(security, what, PeerCertificates.IssuedAt(context.Connection.ClientCertificate!));

        var refusal = JoinRefusal.Name($"its certificate is for the name '{caller.Peer.Worker}', which it does not use");
        security.Audit.Record(what with { Refusal = refusal });
        throw new RpcException(new Status(StatusCode.PermissionDenied, refusal.Problem));
    }

    /// <summary>It is in.</summary>
    public void Confirm(MemberLease lease)
    {
        _security.Audit.Record(_event);
        lease.Tell(new MemberNotice { Trusted = _security.Credentials.Authorities.ToNotice() });
        var revoked = _security.Credentials.Revoked;
        if (revoked.Entries.Any()) lease.Tell(new MemberNotice { Revoked = revoked.ToNotice() });

        // Revoked after the gate and before it was a member.
        if (revoked.Includes(lease.Member.Name, Issued)) lease.Dispose();
    }
}
