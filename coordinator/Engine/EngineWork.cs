namespace Cluster.Coordinator.Engine;

/// <summary>Something to be done between two steps, by the engine's loop: nothing else uses the ranks or the cache meanwhile.</summary>
internal sealed class EngineWork(Func<EngineParts, ValueTask> run)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fails as the work does, or with <see cref="EngineException"/> when it was not begun.</summary>
    public Task Done => _done.Task;

    public async ValueTask RunAsync(EngineParts parts)
    {
        try
        {
            await run(parts).ConfigureAwait(false);
            _done.SetResult();
        }
        catch (Exception e)
        {
            _done.SetException(e);
        }
    }

    /// <summary>It will not be done.</summary>
    public void Abandon(string reason) => _done.TrySetException(new EngineException(reason));
}
