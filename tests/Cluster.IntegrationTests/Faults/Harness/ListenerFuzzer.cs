using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>Connects to listeners of this machine again and again, each time with something that no client sends.</summary>
internal sealed class ListenerFuzzer(IReadOnlyList<int> ports, int seed)
{
    private const int Lanes = 4;

    /// <summary>For a listener to take a connection, however busy the machine is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>For an answer, which may never come.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(50);

    private int _begun;
    private int _cases;

    public int Cases => _cases;

    /// <summary>Ports that took no connection.</summary>
    public ConcurrentQueue<string> Problems { get; } = [];

    /// <param name="goesOn">Asked before each case, with its number.</param>
    public Task RunAsync(Func<int, bool> goesOn) => Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => RunAsync(new Random(seed + lane), goesOn))));

    private async Task RunAsync(Random random, Func<int, bool> goesOn)
    {
        var payloads = new FuzzPayloads(random);
        while (Interlocked.Increment(ref _begun) is var number && goesOn(number))
        {
            Interlocked.Increment(ref _cases);
            var port = ports[number % ports.Count];
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var patience = new CancellationTokenSource(s_patience);
                await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Problems.Enqueue($"port {port} takes no connection: {e.Message}");
                continue;
            }

            await SendAsync(socket, payloads.Next(), random.Next(3) == 0);

            // Some are reset, as when a client dies.
            if (random.Next(4) == 0) socket.LingerState = new LingerOption(true, 0);
        }
    }

    private static async Task SendAsync(Socket socket, byte[] payload, bool saysItIsAll)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience);
            for (var sent = 0; sent < payload.Length;) sent += await socket.SendAsync(payload.AsMemory(sent), patience.Token);
            if (saysItIsAll) socket.Shutdown(SocketShutdown.Send);
            patience.CancelAfter(s_answer);
            var answer = new byte[4096];
            while (await socket.ReceiveAsync(answer, patience.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // It was closed, as it should be, or says nothing.
        }
    }
}
