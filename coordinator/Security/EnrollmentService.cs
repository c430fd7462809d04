using System.Security.Cryptography.X509Certificates;
using Cluster.Coordinator.Membership;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Coordinator.Security;

/// <summary>Gives workers their certificates.</summary>
internal sealed class EnrollmentService(ClusterSecurity security, IMembership membership) : Enrollment.EnrollmentBase
{
    public const string GetAuthorityPath = "/cluster.v1.Enrollment/GetAuthority";

    public const string EnrollPath = "/cluster.v1.Enrollment/Enroll";

    public override Task<GetAuthorityReply> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
        Task.FromResult(new GetAuthorityReply { Certificate = ByteString.CopyFrom(security.Authorities.Present.Certificate.RawDataMemory.Span) });

    public override Task<Credential> Enroll(EnrollRequest request, ServerCallContext context)
    {
        var isName = PeerName.IsWorkerName(request.WorkerName);
        var what = new JoinEvent("enroll")
        {
            Worker = isName ? request.WorkerName : null,
            Address = AddressOf(context),
            TokenId = JoinToken.IsId(request.TokenId) ? request.TokenId : null,
        };
        var key = SigningRequest.Read(request.SigningRequest.Span);
        if (!isName || key is null || security.Tokens is not { } tokens) throw Refuse(what, JoinRefusal.Request, StatusCode.InvalidArgument);

        security.LookForChanges();
        if (tokens.Redeem(request.TokenId, request.TokenSecret, () => Check(request.WorkerName)) is { } refusal)
            throw Refuse(what, refusal, StatusCode.PermissionDenied);
        return Task.FromResult(Issue(what, PeerName.OfWorker(request.WorkerName), key));
    }

    public override Task<Credential> Renew(RenewRequest request, ServerCallContext context)
    {
        var caller = context.GetHttpContext().Features.Get<PeerFeature>()!;
        var what = new JoinEvent("renew") { Worker = caller.Peer.Worker, Address = AddressOf(context), Serial = caller.Serial };
        var key = SigningRequest.Read(request.SigningRequest.Span) ?? throw Refuse(what, JoinRefusal.Request, StatusCode.InvalidArgument);
        return Task.FromResult(Issue(what, caller.Peer, key));
    }

    /// <summary>A name belongs to whoever is in the cluster under it, and to nobody once it is revoked.</summary>
    private JoinRefusal? Check(string worker)
    {
        if (security.Credentials.Revoked.Includes(worker, security.Now)) return JoinRefusal.Revoked(worker);
        return membership.Current.Find(worker) is { } member
            ? JoinRefusal.Name($"the name '{worker}' is taken by the worker at {member.Address}; give this one another with --name")
            : null;
    }

    private Credential Issue(JoinEvent what, PeerName name, PublicKey key)
    {
        var authorities = security.Authorities;
        using var certificate = authorities.Signing.Issue(name, key, security.Now, ClusterSecurity.CertificateLife);
        security.Audit.Record(what with { Serial = certificate.SerialNumber, Authority = authorities.Signing.Pin.ClusterId });
        return new Credential { Certificate = ByteString.CopyFrom(certificate.RawDataMemory.Span), Trusted = authorities.Trusted.ToNotice() };
    }

    private RpcException Refuse(JoinEvent what, JoinRefusal refusal, StatusCode status)
    {
        security.Audit.Record(what with { Refusal = refusal });
        return new RpcException(new Status(status, refusal.Problem));
    }

    private static string? AddressOf(ServerCallContext context) => PeerGate.AddressOf(context.GetHttpContext());
}
