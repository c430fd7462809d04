using System.ComponentModel;
using System.Net;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>The worker processes that this program started, and must not leave behind.</summary>
internal sealed class LocalWorkerProcesses : IAsyncDisposable
{
    /// <summary>How long a worker that was told to end may take before it is killed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly List<LocalWorkerProcess> _workers = [];
    private readonly TaskCompletionSource<LocalWorkerProcess> _firstExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _watching = new();

    private LocalWorkerProcesses()
    {
    }

    public int Count => _workers.Count;

    public IReadOnlyList<LocalWorkerProcess> Workers => _workers;

    /// <summary>Completes with the first worker that ends while nobody told it to.</summary>
    public Task<LocalWorkerProcess> FirstExit => _firstExit.Task;

    /// <exception cref="LocalWorkerException">One cannot be started; those that were are ended.</exception>
    public static async Task<LocalWorkerProcesses> StartAsync(LocalWorkerOptions options, IPEndPoint coordinator)
    {
        var processes = new LocalWorkerProcesses();
        try
        {
            for (var i = 0; i < options.Count; i++)
            {
                var worker = LocalWorkerProcess.Start(
                    $"local-{i}", options.Devices[i % options.Devices.Count], options.Threads, options.Cpus?.Share(i, options.Count),
                    coordinator, options.ProgramFolder);
                processes._workers.Add(worker);
                _ = processes.WatchAsync(worker);
            }

            return processes;
        }
        catch (Exception e) when (e is FileNotFoundException or Win32Exception)
        {
            await processes.DisposeAsync().ConfigureAwait(false);
            throw new LocalWorkerException($"local worker {processes.Count} cannot be started: {e.Message}");
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
    }

    private async Task WatchAsync(LocalWorkerProcess worker)
    {
        try
        {
            await worker.WaitForExitAsync(_watching.Token).ConfigureAwait(false);
            _firstExit.TrySetResult(worker);
        }
        catch (OperationCanceledException)
        {
            // It is being ended.
        }
    }
}
