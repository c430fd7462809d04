namespace Grpc.Tests.Interop;

/// <summary>server.js, running as long as the tests of a class.</summary>
public sealed class NodeServer : IAsyncLifetime
{
    private NodeProcess? _process;

    public string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        _process = NodeProcess.Start("node", "server.js");
        Address = $"http://127.0.0.1:{await _process.ReadLineAsync()}";
    }

    public Task DisposeAsync()
    {
        _process?.Dispose();
        return Task.CompletedTask;
    }
}
