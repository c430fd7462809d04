using System.Runtime.CompilerServices;
using Cluster.Compute.Collectives;
using Cluster.Protos.Frames;
using Cluster.Worker.Threading;
using Grpc.Streams;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// What this rank sends to one peer: the response stream of the peer's Exchange call. The compute thread writes to it directly, which
/// saves a thread hop a frame; the handler of the call keeps the stream alive and takes it away when the peer is gone.
/// </summary>
internal sealed class OutboundLink(PeerIdentity peer, WakeSignal signal)
{
    // The stream may be touched in state Busy alone, and is taken away in any other.
    private const int Detached = 0;
    private const int Idle = 1;
    private const int Busy = 2;
    private const int Closing = 3;
    private const int Closed = 4;

    private readonly Frame _frame = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IMessageStreamWriter<Frame>? _stream;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _write;
    private Action? _onWritten;
    private int _state;

    public PeerIdentity Peer { get; } = peer;

    /// <summary>Completes when the peer has dialed.</summary>
    public Task Attached => _attached.Task;

    /// <summary>
    /// Serves the peer's call until it or the shard ends. False at once when the peer has been served before: a link is not mended.
    /// </summary>
    public async Task<bool> ServeAsync(IMessageStreamWriter<Frame> stream, CancellationToken ended)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Detached) != Detached) return false;
        _stream = stream;
        _onWritten = OnWritten;
        Volatile.Write(ref _state, Idle);
        _attached.TrySetResult();

        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (ended.UnsafeRegister(static end => ((TaskCompletionSource)end!).TrySetResult(), end))
        {
            await end.Task.ConfigureAwait(false);
        }

        if (!TryClose()) await _drained.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Compute thread: begins a frame's way to the peer. Returns when the payload has been copied, not when it has left.</summary>
    /// <returns>False when an earlier frame is still on its way out: wait for the signal and try again.</returns>
    /// <exception cref="PeerLostException">The peer is gone.</exception>
    public bool TrySend(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var state = Interlocked.CompareExchange(ref _state, Busy, Idle);
        if (state == Busy) return false;
        if (state != Idle) throw new PeerLostException($"{Peer} is lost: it no longer takes frames");

        _frame.Header = header;
        _frame.Payload = payload;
        try
        {
            // The awaiter is asked for its result once: here, or after its continuation has run.
#pragma warning disable CA2012
            _write = _stream!.WriteMessageAsync(_frame).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
            if (_write.IsCompleted)
            {
                _write.GetResult();
                Leave(Idle);
            }
            else
            {
                _write.UnsafeOnCompleted(_onWritten!);
            }
        }
        catch (Exception e)
        {
            Leave(Closed);
            throw new PeerLostException($"{Peer} is lost: {e.Message}");
        }

        return true;
    }

    private void OnWritten()
    {
        try
        {
            _write.GetResult();
            Leave(Idle);
        }
        catch (Exception)
        {
            // The peer went while the frame was on its way; its inbound side, or the next frame, says so.
            Leave(Closed);
        }

        signal.Set();
    }

    /// <summary>From Busy to <paramref name="state"/>, unless the handler waits to take the stream away.</summary>
    private void Leave(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Busy) != Closing) return;
        Volatile.Write(ref _state, Closed);
        _drained.TrySetResult();
    }

    /// <summary>False: the stream is in use, and <see cref="_drained"/> completes when it no longer is.</summary>
    private bool TryClose()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            switch (state)
            {
                case Closed: return true;
                case Busy when Interlocked.CompareExchange(ref _state, Closing, Busy) == Busy: return false;
                case Idle when Interlocked.CompareExchange(ref _state, Closed, Idle) == Idle:
                    signal.Set();
                    return true;
                default: break;
            }
        }
    }
}
