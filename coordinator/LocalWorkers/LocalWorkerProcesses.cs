using System.ComponentModel;
using System.Net;
using System.Threading.Channels;
using Cluster.Coordinator.Resilience;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>The worker processes that this program started, and must not leave behind.</summary>
internal sealed class LocalWorkerProcesses : IAsyncDisposable
{
    /// <summary>One that ended sooner than this after its start is started anew only after a while, and after a longer one when it does so again.</summary>
    private static readonly TimeSpan s_shortLife = TimeSpan.FromSeconds(10);

    /// <summary>The start of a process takes the processors that the others need to take its work over: they go first.</summary>
    private static readonly TimeSpan s_takeOver = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a worker that was told to end may take before it is killed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly List<LocalWorkerProcess> _workers = [];
    private readonly List<LocalWorkerProcess> _ended = [];
    private readonly int[] _shortLives;
    private readonly LocalWorkerOptions _options;
    private readonly IPEndPoint _coordinator;
    private readonly TaskCompletionSource<LocalWorkerProcess> _firstExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<LocalWorkerProcess> _exits = Channel.CreateUnbounded<LocalWorkerProcess>(new() { SingleReader = true });
    private readonly CancellationTokenSource _watching = new();

    private LocalWorkerProcesses(LocalWorkerOptions options, IPEndPoint coordinator)
    {
        _options = options;
        _shortLives = new int[options.Count];
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

    /// <summary>Starts each that ends anew, under its name, until it is cancelled.</summary>
    /// <param name="report">Told how it ended, and when it cannot be started.</param>
    /// <param name="isWanted">Completes when a worker of that name may be there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task KeepAsync(Action<string> report, Func<string, CancellationToken, Task> isWanted, TimeProvider time, CancellationToken cancellationToken)
    {
        var restarts = new List<Task>();
        try
        {
            await foreach (var worker in _exits.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                report(worker.DescribeExit());
                restarts.RemoveAll(static restart => restart.IsCompleted);
                restarts.Add(RestartAsync(worker, report, isWanted, time, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            // They are to end.
        }

        await Task.WhenAll(restarts).ConfigureAwait(false);
    }

    public void Kill(string name) => _workers.Find(worker => worker.Name == name)?.Kill();

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

    private async Task RestartAsync(
        LocalWorkerProcess ended, Action<string> report, Func<string, CancellationToken, Task> isWanted, TimeProvider time, CancellationToken cancellationToken)
    {
        var index = _workers.IndexOf(ended);
        var least = _workers.Count > 1 ? s_takeOver : TimeSpan.Zero;
        var isShort = TimeProvider.System.GetElapsedTime(ended.Started) < s_shortLife;
        _shortLives[index] = isShort ? _shortLives[index] + 1 : 0;
        try
        {
            await Task.Delay(isShort ? CoordinatorPolicies.BeforeRestart(_shortLives[index]) : least, time, cancellationToken).ConfigureAwait(false);
            await isWanted(ended.Name, cancellationToken).ConfigureAwait(false);
            lock (_ended) _ended.Add(ended);
            _workers[index] = Start(index);
        }
        catch (LocalWorkerException e)
        {
            report(e.Message);
        }
        catch (OperationCanceledException)
        {
            // They are to end.
        }
    }

    private LocalWorkerProcess Start(int index)
    {
        try
        {
            var worker = LocalWorkerProcess.Start(
                $"local-{index}", _options.Devices[index % _options.Devices.Count], _options.Threads, _options.Cpus?.Share(index, _options.Count),
                _coordinator, _options.ProgramFolder, _options.CreateIdentity?.Invoke($"local-{index}"));
            _ = WatchAsync(worker);
            return worker;
        }
        catch (Exception e) when (e is FileNotFoundException or Win32Exception)
        {
            throw new LocalWorkerException($"local worker {index} cannot be started: {e.Message}");
        }
    }

    private async Task WatchAsync(LocalWorkerProcess worker)
    {
        try
        {
            await worker.WaitForExitAsync(_watching.Token).ConfigureAwait(false);
            _firstExit.TrySetResult(worker);
            _exits.Writer.TryWrite(worker);
        }
        catch (OperationCanceledException)
        {
            // It is being ended.
        }
    }
}
