using System.Runtime.CompilerServices;
using Cluster.Compute.Collectives;
using Cluster.Protos.Frames;
using Cluster.Worker.Threading;
using Grpc.Streams;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// What this rank sends to one peer: the response stream of the peer's Exchange call. The compute thread writes to it directly, which
/// saves a thread hop a frame; the handler of the call keeps the stream alive and takes it away when the peer is gone. A write that
/// is still on its way then is the stream's own business: the call does not end before it.
/// </summary>
internal sealed class OutboundLink(PeerIdentity peer, WakeSignal signal)
{
    // A write begins in state Busy alone, and the stream is taken away in any other.
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
    private bool _writing;
    private bool _awaited;
    private bool _signalled;
    private int _state;

    public PeerIdentity Peer { get; } = peer;

    /// <summary>Completes when the peer has dialed.</summary>
    public Task Attached => _attached.Task;

    /// <summary>Refuses the peer's call: its frames go another way. False when it has called already.</summary>
    public bool TryRefuse() => Interlocked.CompareExchange(ref _state, Closed, Detached) == Detached;

    /// <summary>
    /// Serves the peer's call until it or the shard ends. False at once when the peer has been served before: a link is not mended.
    /// </summary>
    public async Task<bool> ServeAsync(IMessageStreamWriter<Frame> stream, CancellationToken ended)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Detached) != Detached) return false;
        _stream = stream;
        _onWritten = () =>
        {
            Volatile.Write(ref _signalled, true);
            signal.Set();
        };
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
        if (_writing && !TryEndWrite()) return false;
        if (Interlocked.CompareExchange(ref _state, Busy, Idle) != Idle) throw new PeerLostException($"{Peer} is lost: it no longer takes frames");

        _frame.Header = header;
        _frame.Payload = payload;
        try
        {
            // The awaiter is asked for its result once and on this thread: the pooled object behind it goes back to where the next one
            // is taken from. A continuation is given to it only when somebody waits, which is rare: that saves a thread hop a frame.
#pragma warning disable CA2012
            _write = _stream!.WriteMessageAsync(_frame).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
            _writing = true;
        }
        catch (Exception e)
        {
            throw new PeerLostException($"{Peer} is lost: {e.Message}");
        }
        finally
        {
            Leave();
        }

        if (_write.IsCompleted) TryEndWrite();
        return true;
    }

    /// <summary>Takes the result of the last write, or asks for the signal when there is one.</summary>
    /// <remarks>
    /// A write that was asked for its signal is over when the signal has come, not when it says that it is completed: its thread may be about
    /// to call us, and taking the result would hand the object that it calls from to the next write.
    /// </remarks>
    private bool TryEndWrite()
    {
        if (_awaited)
        {
            if (!Volatile.Read(ref _signalled)) return false;
        }
        else if (!_write.IsCompleted)
        {
            _awaited = true;
            Volatile.Write(ref _signalled, false);
            _write.UnsafeOnCompleted(_onWritten!);
            return false;
        }

        _writing = false;
        _awaited = false;
        try
        {
            _write.GetResult();
        }
        catch (Exception e)
        {
            throw new PeerLostException($"{Peer} is lost: {e.Message}");
        }

        return true;
    }

    /// <summary>Back to Idle, unless the handler waits to take the stream away.</summary>
    private void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Busy) != Closing) return;
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
