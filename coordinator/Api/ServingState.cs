using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Whether requests can be answered now, and why not. Set by one, read by all.</summary>
internal sealed class ServingState
{
    private const string Recovering = "recovering";

    private readonly TaskCompletionSource _firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _recoveries;
    private volatile Snapshot _current = new(null, "loading", "the model is loading");

    /// <summary>Not null exactly while requests are taken.</summary>
    public ServedEngine? Engine => _current.Engine;

    /// <exception cref="ApiException">No request is taken now.</exception>
    public ServedEngine Require()
    {
        var current = _current;
        return current.Engine is { Engine.Failure: null }
            ? current.Engine
            : throw new ApiException(new ApiError(StatusCodes.Status503ServiceUnavailable, $"No request is taken: {current.Engine?.Engine.Failure?.Message ?? current.Reason}."));
    }

    /// <summary>Whether requests are answered without a wait for workers.</summary>
    public bool IsReady => _current.Status == "ok";

    /// <summary>One word: loading, ok, recovering, draining.</summary>
    public string Status => _current.Status;

    /// <summary>Why no request is taken, in one line; empty while they are.</summary>
    public string Reason => _current.Reason;

    /// <summary>Completes when requests are taken for the first time.</summary>
    public Task FirstReady => _firstReady.Task;

    /// <summary>Times that lost workers were made up for.</summary>
    public long Recoveries => Interlocked.Read(ref _recoveries);

    public void SetReady(ServedEngine engine)
    {
        if (_current.Status == Recovering) Interlocked.Increment(ref _recoveries);
        _current = new(engine, "ok", "");
        _firstReady.TrySetResult();
    }

    public void SetDraining() => _current = new(null, "draining", "the server is shutting down");

    /// <summary>Workers are lost: requests are taken, and wait until others are there.</summary>
    public void SetRecovering(string reason) => _current = _current with { Status = Recovering, Reason = reason };

    private sealed record Snapshot(ServedEngine? Engine, string Status, string Reason);
}
