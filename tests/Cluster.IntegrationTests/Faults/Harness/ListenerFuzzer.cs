using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>Connects to listeners of this machine again and again, each time with something that no client sends.</summary>
internal sealed class ListenerFuzzer(IReadOnlyList<FuzzListener> listeners, int seed)
{
    private const int Lanes = 4;

    /// <summary>For a listener to take a connection, however busy the machine is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>For an answer, which may never come.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(50);

    private int _begun;
    private int _cases;
    private int _admitted;

    public int Cases => _cases;

    /// <summary>Of these, those that went through a handshake.</summary>
    public int Admitted => _admitted;

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
            var listener = listeners[number % listeners.Count];
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var patience = new CancellationTokenSource(s_patience);
                await socket.ConnectAsync(listener.Address, patience.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Problems.Enqueue($"{listener.Address} takes no connection: {e.Message}");
                continue;
            }

            await SendAsync(socket, listener.Tls, payloads.Next(), random.Next(3) == 0);

            // Some are reset, as when a client dies.
            if (random.Next(4) == 0) socket.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task SendAsync(Socket socket, SslClientAuthenticationOptions? tls, byte[] payload, bool saysItIsAll)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience);
            Stream stream = new NetworkStream(socket);
            if (tls is not null)
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsClientAsync(tls, patience.Token);
                Interlocked.Increment(ref _admitted);
            }

            await using (stream)
            {
                await stream.WriteAsync(payload, patience.Token);
                if (saysItIsAll) socket.Shutdown(SocketShutdown.Send);
                patience.CancelAfter(s_answer);
                var answer = new byte[4096];
                while (await stream.ReadAsync(answer, patience.Token) > 0)
                {
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // It was closed, as it should be, or says nothing.
        }
    }
}
