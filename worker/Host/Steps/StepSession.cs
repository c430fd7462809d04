using Cluster.Protos.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Threading;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Streams;

namespace Cluster.Worker.Steps;

/// <summary>
/// A coordinator's stream of steps: its requests, read ahead into reused messages, and its answers. The call's handler may not return
/// before <see cref="Finished"/>: till then the answers' stream is in use.
/// </summary>
internal sealed class StepSession : IDisposable
{
    /// <summary>Steps read ahead; more than a pipeline has stages in flight only costs memory.</summary>
    private const int Capacity = 8;

    private readonly WakeSignal _signal;
    private readonly StepAnswers _answers;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancellation;
    private readonly CancellationTokenRegistration _cancelled;

    /// <param name="signal">What the compute thread sleeps on.</param>
    /// <param name="results">The call's responses.</param>
    /// <param name="call">Cancelled when the coordinator cancels the call or is gone.</param>
    /// <param name="shard">Cancelled when the shard ends.</param>
    public StepSession(WakeSignal signal, IMessageStreamWriter<StepResult> results, CancellationToken call, CancellationToken shard)
    {
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(call, shard);
        _signal = signal;
        _answers = new StepAnswers(results, signal);
        Requests = new MessageRing<StepRequest>(Capacity, signal);

        // Last: it is called at once when the call or the shard has ended already.
        _cancelled = _cancellation.Token.UnsafeRegister(static session => ((StepSession)session!).Abandon("the coordinator cancelled the step"), this);
    }

    public MessageRing<StepRequest> Requests { get; }

    /// <summary>Set when nobody wants this stream's answers any more.</summary>
    public AbortReason Abort { get; } = new();

    /// <summary>Completes when the compute thread has done with the stream.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Gives the stream up: the running step ends as soon as it would wait for a peer, later ones do not run.</summary>
    public void Cancel(string reason)
    {
        Abandon(reason);
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended in the meantime.
        }
    }

    /// <summary>Reads the first request, before the compute thread serves the stream.</summary>
    /// <returns>Null when the stream ended or broke instead.</returns>
    public async Task<StepRequest?> ReadFirstAsync(IMessageStreamReader<StepRequest> requests)
    {
        requests.Deserializer = Parse;
        return await TryReadAsync(requests).ConfigureAwait(false) ? Requests.Peek() : null;
    }

    /// <summary>Reads further requests until the stream ends or breaks.</summary>
    public async Task ReadAsync(IMessageStreamReader<StepRequest> requests)
    {
        while (await TryReadAsync(requests).ConfigureAwait(false))
        {
        }
    }

    /// <summary>Compute thread: the answer to be filled next.</summary>
    public StepResult Answer => _answers.Next;

    /// <summary>Compute thread: sends it. A stream that is gone is found out by its reader.</summary>
    public void SendAnswer()
    {
        try
        {
            _answers.Send();
        }
        catch (Exception e) when (IsStreamGone(e))
        {
            Cancel("the coordinator no longer takes answers");
        }
    }

    /// <summary>Compute thread: the stream will not be touched again.</summary>
    public void Finish()
    {
        try
        {
            _answers.Complete();
        }
        catch (Exception e) when (IsStreamGone(e))
        {
            // Nobody misses the last answer.
        }

        _finished.TrySetResult();
    }

    public void Dispose()
    {
        _cancelled.Dispose();
        _cancellation.Dispose();
        Requests.Dispose();
    }

    private async Task<bool> TryReadAsync(IMessageStreamReader<StepRequest> requests)
    {
        try
        {
            var cancellationToken = _cancellation.Token;
            await Requests.ReserveAsync(cancellationToken).ConfigureAwait(false);
            if (await requests.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                Requests.Publish();
                return true;
            }
        }
        catch (Exception e)
        {
            // However it broke, the compute thread must let go of the stream before the call ends.
            Cancel(OneLine.Of($"the coordinator's stream of steps broke: {e.Message}"));
        }

        Requests.Complete("the stream ended");
        return false;
    }

    private void Abandon(string reason)
    {
        Abort.Set(reason);
        _signal.Set();
    }

    private static bool IsStreamGone(Exception e) => e is RpcException or OperationCanceledException or IOException or InvalidOperationException;

    private StepRequest Parse(DeserializationContext context)
    {
        var request = Requests.Reserved;
        StepMessages.Reset(request);
        request.MergeFrom(context.PayloadAsReadOnlySequence());
        return request;
    }
}
