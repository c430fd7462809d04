using System.Diagnostics;
using Cluster.Compute.Collectives;
using Cluster.Protos.Frames;
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
    /// <summary>Before each gRPC message: a flag and a length.</summary>
    public const int GrpcHeaderBytes = 5;

    private readonly ulong _planVersion;
    private readonly InboundLink?[] _inbound;
    private readonly OutboundLink?[] _outbound;
    private readonly WakeSignal _signal;
    private readonly ShardAbort _abort;
    private ulong _stepId;
    private long _waitTicks;

    public PeerMesh(ulong planVersion, int rank, MeshPeers peers, WakeSignal signal, ShardAbort abort)
    {
        _planVersion = planVersion;
        _signal = signal;
        _abort = abort;
        _inbound = new InboundLink?[peers.WorldSize];
        _outbound = new OutboundLink?[peers.WorldSize];
        foreach (var peer in peers.Senders) _inbound[peer.Rank] = new InboundLink(planVersion, rank, peer, signal);
        foreach (var peer in peers.Receivers) _outbound[peer.Rank] = new OutboundLink(peer, signal);
    }

    /// <summary>Bytes sent in the present step: gRPC messages with their headers.</summary>
    public long WireBytes { get; private set; }

    /// <summary>Time that the present step waited for peers.</summary>
    public TimeSpan WaitTime => Stopwatch.GetElapsedTime(0, _waitTicks);

    /// <summary>Frames of earlier steps that were dropped, since the plan began.</summary>
    public long StaleFrames { get; private set; }

    /// <summary>The link that serves peer <paramref name="rank"/>, or null when it gets nothing from this rank.</summary>
    public OutboundLink? FindOutbound(int rank) => (uint)rank < (uint)_outbound.Length ? _outbound[rank] : null;

    /// <summary>Dials every peer that sends to this rank and waits until every peer that it sends to has dialed.</summary>
    /// <exception cref="RpcException">A peer refuses, or was lost again.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new List<Task>();
        foreach (var link in _inbound)
        {
            if (link is not null) tasks.Add(link.ConnectAsync(connecting.Token));
        }

        foreach (var link in _outbound)
        {
            if (link is not null) tasks.Add(link.Attached.WaitAsync(connecting.Token));
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

    /// <summary>Peers that have not connected in either direction, for a message.</summary>
    public string DescribeMissing()
    {
        var missing = new SortedDictionary<int, PeerIdentity>();
        foreach (var link in _inbound)
        {
            if (link is { IsConnected: false }) missing[link.Peer.Rank] = link.Peer;
        }

        foreach (var link in _outbound)
        {
            if (link is { Attached.IsCompleted: false }) missing[link.Peer.Rank] = link.Peer;
        }

        return string.Join(", ", missing.Values);
    }

    public void BeginStep(ulong stepId)
    {
        _stepId = stepId;
        WireBytes = 0;
        _waitTicks = 0;
    }

    /// <summary>Sends a frame to <paramref name="peer"/>; the payload may change once this has returned.</summary>
    public void Send(int peer, uint operation, FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        var link = _outbound[peer] ?? throw new InvalidOperationException($"Rank {peer} is no receiver of this rank.");
        var header = new FrameHeader(_planVersion, _stepId, operation, kind);
        ThrowIfAborted();
        if (!link.TrySend(header, payload))
        {
            var began = Stopwatch.GetTimestamp();
            do
            {
                _signal.Wait();
                ThrowIfAborted();
            }
            while (!link.TrySend(header, payload));
            _waitTicks += Stopwatch.GetTimestamp() - began;
        }

        WireBytes += GrpcHeaderBytes + FrameCodec.Size(header, payload.Length);
    }

    /// <summary>
    /// The payload of the next frame from <paramref name="peer"/>, which must be the one described; frames of earlier steps are dropped
    /// and counted. Valid until <see cref="Release"/>.
    /// </summary>
    /// <exception cref="FrameMismatchException">The peer sent something else.</exception>
    public ReadOnlySpan<byte> Receive(int peer, uint operation, FrameKind kind, int length)
    {
        var link = _inbound[peer] ?? throw new InvalidOperationException($"Rank {peer} is no sender to this rank.");
        var wanted = new FrameHeader(_planVersion, _stepId, operation, kind);
        while (true)
        {
            var frame = link.Frames.Peek() ?? WaitForFrame(link.Frames);
            var header = frame.Header;
            if (header == wanted && frame.Payload.Length == length) return frame.Payload;
            var found = frame.Payload.Length;
            link.Frames.Release();
            if (header.PlanVersion < _planVersion || (header.PlanVersion == _planVersion && header.StepId < _stepId)) StaleFrames++;
            else throw new FrameMismatchException(link.Peer, wanted, length, header, found);
        }
    }

    /// <summary>The payload that <see cref="Receive"/> found, until <see cref="Release"/>.</summary>
    public ReadOnlySpan<byte> Received(int peer) => _inbound[peer]!.Frames.Peek()!.Payload;

    /// <summary>Gives back the frame that <see cref="Receive"/> returned.</summary>
    public void Release(int peer) => _inbound[peer]!.Frames.Release();

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _inbound)
        {
            if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ReceivedFrame WaitForFrame(MessageRing<ReceivedFrame> frames)
    {
        var began = Stopwatch.GetTimestamp();
        ReceivedFrame? frame;
        while ((frame = frames.Peek()) is null)
        {
            ThrowIfAborted();
            // Looked at before the ring once more: what came before the end is still good.
            if (LostLink() is { } lost && frames.Peek() is null) throw new PeerLostException(lost);
            _signal.Wait();
        }

        _waitTicks += Stopwatch.GetTimestamp() - began;
        return frame;
    }

    private void ThrowIfAborted()
    {
        if (_abort.Reason is { } reason) throw new PeerLostException(reason);
    }

    private void ThrowIfLost()
    {
        if (LostLink() is { } lost) throw new RpcException(new Status(StatusCode.Unavailable, lost));
    }

    /// <summary>
    /// Why some link ended, or null. Whichever it is, the step cannot succeed, and the peer that is waited for may have given it up for
    /// the same reason.
    /// </summary>
    private string? LostLink()
    {
        foreach (var link in _inbound)
        {
            if (link?.Frames.End is { } end) return end;
        }

        return null;
    }
}
