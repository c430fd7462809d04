namespace Cluster.Coordinator.Commands;

/// <summary>What <c>serve</c> starts, in this process, for one command.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending;
    private readonly Task _running;

    private LocalServer(Uri address, Task running, CancellationTokenSource ending)
    {
        Address = address;
        _running = running;
        _ending = ending;
    }

    public Uri Address { get; }

    /// <summary>Starts it and waits until it takes requests. It tells nothing but what goes wrong.</summary>
    public static async Task<LocalServer> StartAsync(Terminal terminal, ServeOptions options, CancellationToken cancellationToken)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var session = new ServeSession(terminal with { Out = TextWriter.Null }, options);
            var running = session.RunAsync(ending.Token);
            if (await Task.WhenAny(session.Ready, running).ConfigureAwait(false) == running)
            {
                await running.ConfigureAwait(false);
                throw new OperationCanceledException(cancellationToken);
            }

            return new LocalServer(session.Address!, running, ending);
        }
        catch
        {
            ending.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _ending.Dispose();
    }
}
