using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Admission;

/// <summary>Until when somebody waits for an answer: its time is over, or the client went away.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _either;
    private readonly TimeSpan _limit;

    /// <param name="limit">From now on; null: only the client ends it.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="gone">Cancelled when the client goes away.</param>
    public RequestDeadline(TimeSpan? limit, TimeProvider time, CancellationToken gone)
    {
        _limit = limit ?? Timeout.InfiniteTimeSpan;
        _time = new CancellationTokenSource(_limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_time.Token, gone);
    }

    /// <summary>The earlier of what the client and what the server allows.</summary>
    public static RequestDeadline Earliest(TimeSpan? one, TimeSpan? other, TimeProvider time, CancellationToken gone) =>
        new(one < other || other is null ? one : other, time, gone);

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time was over before the answer was.</summary>
    public bool IsOver => _time.IsCancellationRequested;

    public ApiError Error => new(StatusCodes.Status504GatewayTimeout, $"The answer was not finished within {_limit.TotalSeconds:0.###} s.", Code: "timeout");

    public void Dispose()
    {
        _either.Dispose();
        _time.Dispose();
    }
}
