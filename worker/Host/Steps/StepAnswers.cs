using System.Runtime.CompilerServices;
using Cluster.Protos.V1;
using Cluster.Worker.Threading;
using Grpc.Streams;

namespace Cluster.Worker.Steps;

/// <summary>
/// The answers to a stream of steps, written by the compute thread itself. It goes on with the next step while the stream takes the answer
/// to the last one: hence two messages, the one that is being written and the one that is being filled.
/// </summary>
internal sealed class StepAnswers
{
    private readonly IMessageStreamWriter<StepResult> _stream;
    private readonly WakeSignal _signal;
    private readonly Action _onWritten;
    private StepResult _next = new();
    private StepResult _last = new();
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _write;
    private bool _isWriting;
    private bool _isWritten;

    /// <param name="stream">The call's responses.</param>
    /// <param name="signal">What the compute thread sleeps on.</param>
    public StepAnswers(IMessageStreamWriter<StepResult> stream, WakeSignal signal)
    {
        _stream = stream;
        _signal = signal;
        _onWritten = OnWritten;
    }

    /// <summary>The answer to be filled next.</summary>
    public StepResult Next => _next;

    /// <summary>Writes <see cref="Next"/>, after the answer before it. Throws what either met with, as <see cref="Complete"/> does.</summary>
    public void Send()
    {
        Complete();
#pragma warning disable CA2012 // The awaiter is asked for its result once, when it is there.
        _write = _stream.WriteMessageAsync(_next).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        (_next, _last) = (_last, _next);
        _isWriting = true;
        _isWritten = _write.IsCompleted;
        if (_isWritten) Complete();
        else _write.UnsafeOnCompleted(_onWritten);
    }

    /// <summary>Waits until the last answer is written.</summary>
    public void Complete()
    {
        if (!_isWriting) return;
        while (!Volatile.Read(ref _isWritten)) _signal.Wait();
        _isWriting = false;
        _write.GetResult();
    }

    private void OnWritten()
    {
        Volatile.Write(ref _isWritten, true);
        _signal.Set();
    }
}
