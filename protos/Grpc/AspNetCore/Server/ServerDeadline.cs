using System.IO.Pipelines;
using Grpc.Wire;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>The deadline that a client gave for a call.</summary>
internal sealed class ServerDeadline : IAsyncDisposable
{
    private readonly PipeReader _request;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _cancellation;
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DeadlineTimer _timer;

    /// <param name="time">The clock.</param>
    /// <param name="timeout">How long from now.</param>
    /// <param name="request">A read that waits on it ends with the deadline.</param>
    /// <param name="logger">For cancellation callbacks that fail.</param>
    /// <param name="aborted">Cancelled when the client cancels or goes away.</param>
    public ServerDeadline(TimeProvider time, TimeSpan timeout, PipeReader request, ILogger logger, CancellationToken aborted)
    {
        _request = request;
        _logger = logger;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var now = time.GetUtcNow().UtcDateTime;
        Utc = timeout > DateTime.MaxValue - now ? DateTime.MaxValue : now + timeout;
        _timer = new DeadlineTimer(time, Utc, Pass);
    }

    public DateTime Utc { get; }

    /// <summary>Cancelled by the client and by the deadline.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Completes when the deadline passes; never before.</summary>
    public Task Passed => _passed.Task;

    public bool HasPassed => _passed.Task.IsCompleted;

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        _cancellation.Dispose();
    }

    private void Pass()
    {
        _passed.TrySetResult();
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException e)
        {
            // The application's callbacks run here, on a timer's thread, where an exception would end the process.
            Log.CancellationCallbackFailed(_logger, e);
        }

        RequestBody.CancelPendingRead(_request);
    }
}
