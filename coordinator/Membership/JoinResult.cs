using Grpc.Core;

namespace Cluster.Coordinator.Membership;

/// <summary>A lease, or the reason why there is none.</summary>
internal readonly record struct JoinResult(MemberLease? Lease, Status Refusal)
{
    public static JoinResult Joined(MemberLease lease) => new(lease, Status.DefaultSuccess);

    public static JoinResult Invalid(string problem) => new(null, new Status(StatusCode.InvalidArgument, problem));

    public static JoinResult Removed(string problem) => new(null, new Status(StatusCode.PermissionDenied, problem));

    public static JoinResult NameTaken(string problem) => new(null, new Status(StatusCode.AlreadyExists, problem));
}
