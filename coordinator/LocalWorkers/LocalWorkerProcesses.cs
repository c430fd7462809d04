using System.ComponentModel;
using System.Net;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>The worker processes that this program started, and must not leave behind.</summary>
internal sealed class LocalWorkerProcesses : IAsyncDisposable
{
    /// <summary>How long a worker that was told to end may take before it is killed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly List<LocalWorkerProcess> _workers = [];
    private readonly List<LocalWorkerProcess> _ended = [];
    private readonly LocalWorkerOptions _options;
    private readonly IPEndPoint _coordinator;
    private TaskCompletionSource<LocalWorkerProcess> _firstExit = NewExit();
    private readonly CancellationTokenSource _watching = new();

    private LocalWorkerProcesses(LocalWorkerOptions options, IPEndPoint coordinator)
    {
        _options = options;
        _coordinator = coordinator;
    }

    public int Count => _workers.Count;

    public IReadOnlyList<LocalWorkerProcess> Workers => _workers;

    /// <summary>Completes with the first worker that ends while nobody told it to.</summary>
    public Task<LocalWorkerProcess> FirstExit => _firstExit.Task;

    /// <exception cref="LocalWorkerException">One cannot be started; those that were are ended.</exception>
    public static async Task<LocalWorkerProcesses> StartAsync(LocalWorkerOptions options, IPEndPoint coordinator)
    {
        var processes = new LocalWorkerProcesses(options, coordinator);
        try
        {
            for (var i = 0; i < options.Count; i++) processes._workers.Add(processes.Start(i));
            return processes;
        }
        catch (LocalWorkerException)
        {
            await processes.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts anew those that have ended, under their names.</summary>
    /// <exception cref="LocalWorkerException">One cannot be started.</exception>
    public void RestartEnded()
    {
        _firstExit = NewExit();
        for (var i = 0; i < _workers.Count; i++)
        {
            if (!_workers[i].HasExited) continue;
            _ended.Add(_workers[i]);
            _workers[i] = Start(i);
        }
    }

    public bool Includes(string name) => _workers.Exists(worker => worker.Name == name);

    /// <summary>Waits for those to end that were told to, but not for ever, and kills the others.</summary>
    public async Task EndAsync(Predicate<LocalWorkerProcess> wasTold)
    {
        await _watching.CancelAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(s_patience);
        foreach (var worker in _workers)
        {
            if (!wasTold(worker)) worker.Kill();
        }

        foreach (var worker in _workers)
        {
            try
            {
                await worker.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                worker.Kill();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync().ConfigureAwait(false);
        foreach (var worker in _workers)
        {
            if (!worker.HasExited) worker.Kill();
            worker.Dispose();
        }

        foreach (var worker in _ended) worker.Dispose();
    }

    private static TaskCompletionSource<LocalWorkerProcess> NewExit() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalWorkerProcess Start(int index)
    {
        try
        {
            var worker = LocalWorkerProcess.Start(
                $"local-{index}", _options.Devices[index % _options.Devices.Count], _options.Threads, _options.Cpus?.Share(index, _options.Count),
                _coordinator, _options.ProgramFolder);
            _ = WatchAsync(worker, _firstExit);
            return worker;
        }
        catch (Exception e) when (e is FileNotFoundException or Win32Exception)
        {
            throw new LocalWorkerException($"local worker {index} cannot be started: {e.Message}");
        }
    }

    private async Task WatchAsync(LocalWorkerProcess worker, TaskCompletionSource<LocalWorkerProcess> exit)
    {
        try
        {
            await worker.WaitForExitAsync(_watching.Token).ConfigureAwait(false);
            exit.TrySetResult(worker);
        }
        catch (OperationCanceledException)
        {
            // It is being ended.
        }
    }
}
