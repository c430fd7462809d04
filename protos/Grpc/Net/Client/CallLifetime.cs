using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>
/// How one call ends: exactly once, by whichever comes first of the server's status, an error, cancellation, the deadline and
/// disposal. When it has ended, <see cref="Token"/> is cancelled and the HTTP/2 stream is closed or reset.
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly DateTime? _deadline;
    private readonly DeadlineTimer? _timer;
    private readonly CancellationTokenRegistration _userCancellation;
    private readonly CancellationTokenRegistration _channelDisposal;
    private volatile CallResult? _result;
    private HttpResponseMessage? _response;

    public CallLifetime(GrpcChannel channel, in CallOptions options)
    {
        _time = channel.Time;
        _deadline = options.Deadline?.ToUniversalTime();

        // Nobody need look at the headers of a failed call.
        _ = _headers.Task.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

        // Any of these may end the call at once; End copes with registrations that are not yet there.
        _channelDisposal = channel.Disposed.UnsafeRegister(
            static state => ((CallLifetime)state!).End(new Status(StatusCode.Cancelled, "The channel was disposed.")), this);
        _userCancellation = options.CancellationToken.UnsafeRegister(static state => ((CallLifetime)state!).Cancel(), this);
        if (_deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            if (HasPassed(deadline))
                End(DeadlineExceeded);
            else
                _timer = new DeadlineTimer(_time, deadline, () => End(DeadlineExceeded));
        }

        if (_result is not null)
            Release();
    }

    /// <summary>Cancelled when the call has ended, well or not.</summary>
    public CancellationToken Token => _ended.Token;

    /// <summary>Completes, without error, when the call has ended.</summary>
    public Task Finished => _finished.Task;

    public Task<Metadata> Headers => _headers.Task;

    /// <summary>Null while the call goes on.</summary>
    public CallResult? Result => _result;

    private static Status DeadlineExceeded => new(StatusCode.DeadlineExceeded, "The deadline passed.");

    /// <summary>Ends the call if it has not ended. Later callers change nothing.</summary>
    public void End(Status status, Metadata? trailers = null)
    {
        HttpResponseMessage? response;
        lock (_lock)
        {
            if (_result is not null)
                return;
            _result = new CallResult(status, trailers ?? Metadata.Empty);
            response = _response;
        }

        Release();
        _headers.TrySetException(_result.ToException());
        _finished.TrySetResult();
        _ended.Cancel();
        response?.Dispose();
    }

    public void Cancel() => End(new Status(StatusCode.Cancelled, "The call was cancelled by its caller."));

    /// <summary>Ends the call with the status that an exception means.</summary>
    public void Fail(Exception exception)
    {
        // The server's reset for the same deadline may be here before our timer.
        if (_deadline is { } deadline && HasPassed(deadline))
            End(DeadlineExceeded);
        else
            End(StatusMapping.FromException(exception));
    }

    /// <summary>Takes over the response, to be disposed when the call ends, and publishes its headers.</summary>
    public void Opened(HttpResponseMessage response, Metadata headers)
    {
        _headers.TrySetResult(headers);
        lock (_lock)
        {
            _response = response;
            if (_result is null)
                return;
        }

        response.Dispose();
    }

    public Status GetStatus() =>
        _result?.Status ?? throw new InvalidOperationException("The call has not ended: there is no status yet.");

    public Metadata GetTrailers() =>
        _result?.Trailers ?? throw new InvalidOperationException("The call has not ended: there are no trailers yet.");

    public void Dispose() => End(new Status(StatusCode.Cancelled, "The call was disposed."));

    private bool HasPassed(DateTime deadline) => _time.GetUtcNow().UtcDateTime >= deadline;

    private void Release()
    {
        _timer?.Stop();
        _userCancellation.Unregister();
        _channelDisposal.Unregister();
    }
}
