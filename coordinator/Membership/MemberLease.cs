using System.Threading.Channels;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Membership;

/// <summary>A membership that lasts until it is disposed or another process takes the name at the same address.</summary>
internal sealed class MemberLease(MembershipRegistry registry, Member member, ulong snapshotVersion, TimeProvider time) : IDisposable
{
    private readonly Channel<MemberNotice> _notices = Channel.CreateUnbounded<MemberNotice>(new() { SingleReader = true });

    private long _touched = time.GetTimestamp();
    private int _isDraining;

    public Member Member { get; } = member;

    /// <summary>When the certificate that it joined with was issued; null for a cluster without.</summary>
    public DateTimeOffset? Issued { get; init; }

    /// <summary>Since its last sign of life.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _touched));

    /// <summary>The snapshot that took the member in.</summary>
    public ulong SnapshotVersion { get; } = snapshotVersion;

    /// <summary>What the worker is to be told; ends when the lease does.</summary>
    public ChannelReader<MemberNotice> Notices => _notices.Reader;

    public void Tell(MemberNotice notice) => _notices.Writer.TryWrite(notice);

    /// <summary>It has given a sign of life.</summary>
    public void Touch() => Volatile.Write(ref _touched, time.GetTimestamp());

    /// <summary>It wants to leave. Repeating it is no error.</summary>
    public void Drain()
    {
        if (Interlocked.Exchange(ref _isDraining, 1) == 0) registry.Drain(this);
    }

    public void End() => _notices.Writer.TryComplete();

    public void Dispose() => registry.Leave(this);
}
