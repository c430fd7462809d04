using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Commands;

/// <summary>A server that is talked to; one that was started for it ends with it.</summary>
internal sealed class ServerConnection(CompletionClient client, LocalServer? server) : IAsyncDisposable
{
    public CompletionClient Client => client;

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
