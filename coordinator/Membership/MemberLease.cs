using System.Threading.Channels;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Membership;

/// <summary>A membership that lasts until it is disposed or another process takes the name at the same address.</summary>
internal sealed class MemberLease(MembershipRegistry registry, Member member, ulong snapshotVersion) : IDisposable
{
    private readonly Channel<MemberNotice> _notices = Channel.CreateUnbounded<MemberNotice>(new() { SingleReader = true });

    public Member Member { get; } = member;

    /// <summary>The snapshot that took the member in.</summary>
    public ulong SnapshotVersion { get; } = snapshotVersion;

    /// <summary>What the worker is to be told; ends when the lease does.</summary>
    public ChannelReader<MemberNotice> Notices => _notices.Reader;

    public void Tell(MemberNotice notice) => _notices.Writer.TryWrite(notice);

    public void End() => _notices.Writer.TryComplete();

    public void Dispose() => registry.Leave(this);
}
