namespace Grpc.Wire;

/// <summary>Lets one operation at a time through, and none after it is closed. Allocates only to wait for the last.</summary>
internal sealed class OperationGate(string operation)
{
    private readonly Lock _lock = new();
    private bool _busy;
    private bool _closed;
    private TaskCompletionSource? _idle;

    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _busy;
        }
    }

    /// <exception cref="InvalidOperationException">An operation is in progress, or the gate is closed.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (_busy)
                throw new InvalidOperationException($"A {operation} is in progress on this stream.");
            if (_closed)
                throw new InvalidOperationException($"The call has ended: no {operation} is possible.");
            _busy = true;
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            _busy = false;
            _idle?.TrySetResult();
        }
    }

    /// <summary>Admits no more operations; completes when none is in progress.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (!_busy)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }
}
