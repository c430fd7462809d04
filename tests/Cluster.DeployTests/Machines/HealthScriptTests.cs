using System.Net;
using System.Net.Sockets;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

/// <summary>The images' health check, against servers of every mood.</summary>
public sealed class HealthScriptTests
{
    [ProgramTheory("bash")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", true)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", false)]
    [InlineData("rubbish\r\n", false)]
    [InlineData("", false)]
    public async Task TellsAnswersApart(string answer, bool isHealthy)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = AnswerAsync(listener, answer);
        var result = await RunAsync("http", ((IPEndPoint)listener.LocalEndpoint).Port, "/health/live");
        Assert.Equal(isHealthy, result.ExitCode == 0);
        Assert.StartsWith("GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:", await asked, StringComparison.Ordinal);
    }

    [ProgramFact("bash")]
    public async Task AConnectionIsEnoughForTcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.Equal(0, (await RunAsync("tcp", ((IPEndPoint)listener.LocalEndpoint).Port)).ExitCode);
    }

    [ProgramTheory("bash")]
    [InlineData("tcp")]
    [InlineData("http")]
    public async Task NobodyThereIsNotHealthy(string kind)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // taken, and nobody listens
        Assert.NotEqual(0, (await RunAsync(kind, ((IPEndPoint)socket.LocalEndPoint!).Port, "/")).ExitCode);
    }

    private static Task<ToolResult> RunAsync(string kind, int port, params string[] path) =>
        ToolProcess.RunAsync("bash", [DeployFiles.PathOf("health.sh"), kind, $"{port}", .. path]);

    private static async Task<string> AnswerAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var request = "";
        var buffer = new byte[1024];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0) break;
            request += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        }

        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        return request;
    }
}
