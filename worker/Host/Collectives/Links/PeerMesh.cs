using System.Diagnostics;
using Cluster.Compute.Collectives;
using Cluster.Protos.Frames;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Threading;
using Grpc.Core;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// All links of one rank for the life of a plan: frames out to and in from its tensor-parallel group and its neighbours in the
/// pipeline. Sending and receiving are for the shard's compute thread; they block, and end with a <see cref="PeerLostException"/>
/// when a peer is lost or the step is aborted.
/// </summary>
internal sealed class PeerMesh : IAsyncDisposable
{
    /// <summary>Values of the largest frame: enough that a frame's cost does not count, few enough that coding and sending overlap.</summary>
    public const int FrameValues = 64 * 1024;

    private readonly ulong _planVersion;
    private readonly PeerLink?[] _links;
    private readonly MeshWait _wait;
    private readonly ShardAbort _abort;
    private ulong _stepId;

    /// <param name="planVersion">The plan.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="peers">Whom it hears and talks to.</param>
    /// <param name="maxPayload">Bytes of the largest payload.</param>
    /// <param name="signal">What the compute thread sleeps on.</param>
    /// <param name="abort">Why it must not.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    public PeerMesh(ulong planVersion, int rank, MeshPeers peers, int maxPayload, WakeSignal signal, ShardAbort abort, PeerCredentials? credentials)
    {
        _planVersion = planVersion;
        _abort = abort;
        _links = new PeerLink?[peers.WorldSize];
        _wait = new MeshWait(_links, signal);
        foreach (var peer in peers.Senders.Union(peers.Receivers))
        {
            _links[peer.Rank] = new PeerLink(
                planVersion, rank, peer, peers.Senders.Contains(peer), peers.Receivers.Contains(peer), maxPayload, signal, credentials);
        }
    }

    /// <summary>Bytes sent in the present step: gRPC messages with their headers.</summary>
    public long WireBytes { get; private set; }

    /// <summary>Time that the present step waited for peers, in <see cref="Stopwatch"/> ticks; also for one that did not come.</summary>
    public long WaitTicks { get; private set; }

    /// <summary>Frames of earlier steps that were dropped, since the plan began.</summary>
    public long StaleFrames { get; private set; }

    /// <summary>The link with peer <paramref name="rank"/>, or null when there is none.</summary>
    public PeerLink? Find(int rank) => (uint)rank < (uint)_links.Length ? _links[rank] : null;

    /// <summary>Connects with every peer. What makes a link another than <paramref name="channel"/> goes to <paramref name="report"/>.</summary>
    /// <exception cref="RpcException">A peer refuses, or was lost again.</exception>
    public async Task ConnectAsync(ChannelKind channel, Action<string> report, CancellationToken cancellationToken)
    {
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new List<Task>();
        foreach (var link in _links)
        {
            if (link is not null) tasks.Add(link.ConnectAsync(channel, report, connecting.Token));
        }

        try
        {
            while (tasks.Count > 0)
            {
                var ended = await Task.WhenAny(tasks).ConfigureAwait(false);
                await ended.ConfigureAwait(false);
                tasks.Remove(ended);
                ThrowIfLost();
            }
        }
        finally
        {
            await connecting.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Compute thread: why the present step cannot end, or null: it was aborted, or a peer is lost.</summary>
    public string? FindLoss()
    {
        if (_abort.Reason is { } reason) return reason;
        foreach (var link in _links)
        {
            if (link?.FindLoss() is { } lost) return lost;
        }

        return null;
    }

    /// <summary>Peers that have not connected in either direction, for a message.</summary>
    public string DescribeMissing() => string.Join(", ", _links.Where(link => link is { IsConnected: false }).Select(link => link!.Peer));

    public void BeginStep(ulong stepId)
    {
        _stepId = stepId;
        WireBytes = 0;
        WaitTicks = 0;
    }

    /// <summary>Sends a frame to <paramref name="peer"/>; the payload may change once this has returned.</summary>
    public void Send(int peer, uint operation, FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        var link = _links[peer] ?? throw new InvalidOperationException($"Rank {peer} is no peer of this rank.");
        var header = new FrameHeader(_planVersion, _stepId, operation, kind);
        ThrowIfAborted();
        var taken = link.TrySend(header, payload);
        if (!taken || !link.TryFlush()) FinishSending(link, header, payload, taken);
        WireBytes += link.WireBytes(header, payload.Length);
    }

    /// <summary>
    /// The payload of the next frame from <paramref name="peer"/>, which must be the one described; frames of earlier steps are dropped
    /// and counted. Valid until <see cref="Release"/>.
    /// </summary>
    /// <exception cref="FrameMismatchException">
    /// The peer sent something else. The frame stays: of a later step, which the peer was told before this rank, it will be wanted then.
    /// </exception>
    public ReadOnlySpan<byte> Receive(int peer, uint operation, FrameKind kind, int length)
    {
        var link = _links[peer] ?? throw new InvalidOperationException($"Rank {peer} is no peer of this rank.");
        var wanted = new FrameHeader(_planVersion, _stepId, operation, kind);
        while (true)
        {
            if (!link.TryPeek(out var header, out var payload))
            {
                WaitForFrame(link);
                continue;
            }

            if (header == wanted && payload.Length == length) return payload;
            var isStale = header.PlanVersion < _planVersion || (header.PlanVersion == _planVersion && header.StepId < _stepId);
            if (!isStale) throw new FrameMismatchException(link.Peer, wanted, length, header, payload.Length);
            link.Release();
            StaleFrames++;
        }
    }

    /// <summary>The payload that <see cref="Receive"/> found, until <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Received(int peer)
    {
        _links[peer]!.TryPeek(out _, out var payload);
        return payload;
    }

    /// <summary>Gives back the frame that <see cref="Receive"/> returned.</summary>
    public void Release(int peer) => _links[peer]!.Release();

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void FinishSending(PeerLink link, in FrameHeader header, ReadOnlyMemory<byte> payload, bool taken)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            while (!taken || !link.TryFlush())
            {
                _wait.ToSend(link);
                ThrowIfAborted();
                if (!taken) taken = link.TrySend(header, payload);
            }
        }
        finally
        {
            WaitTicks += Stopwatch.GetTimestamp() - began;
        }
    }

    private void WaitForFrame(PeerLink link)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            while (!link.TryPeek(out _, out _))
            {
                ThrowIfAborted();
                // Looked at before the link once more: what came before the end is still good.
                if (LostLink() is { } lost && !link.TryPeek(out _, out _)) throw new PeerLostException(lost);
                _wait.ToReceive(link);
            }
        }
        finally
        {
            WaitTicks += Stopwatch.GetTimestamp() - began;
        }
    }

    private void ThrowIfAborted()
    {
        if (_abort.Reason is { } reason) throw new PeerLostException(reason);
    }

    private void ThrowIfLost()
    {
        foreach (var link in _links)
        {
            if (link?.FindLoss() is { } lost) throw new RpcException(new Status(StatusCode.Unavailable, lost));
        }
    }

    /// <summary>
    /// Why some link ended, or null. Whichever it is, the step cannot succeed, and the peer that is waited for may have given it up for
    /// the same reason.
    /// </summary>
    private string? LostLink()
    {
        foreach (var link in _links)
        {
            if (link?.End is { } end) return end;
        }

        return null;
    }
}
