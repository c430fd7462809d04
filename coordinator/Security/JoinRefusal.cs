using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>Why a worker may not join.</summary>
/// <param name="Label">For counters and the audit log.</param>
/// <param name="Problem">For the worker and the log, in one line.</param>
internal readonly record struct JoinRefusal(string Label, string Problem)
{
    /// <summary>The same for all that is wrong with a secret: who guesses learns nothing.</summary>
    public static JoinRefusal Token { get; } = new("token", "the join token is not known, has ended, was revoked or has no uses left");

    public static JoinRefusal Request { get; } = new("request", "it asks for a certificate in a way that is not understood");

    public static JoinRefusal Revoked(string worker) => new("revoked", $"the worker '{worker}' was revoked");

    public static JoinRefusal Name(string problem) => new("name", problem);

    public static JoinRefusal Certificate(PeerRefusal refusal) => new(refusal.Label(), refusal.Describe());
}
