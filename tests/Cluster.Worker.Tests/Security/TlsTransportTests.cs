using System.Net.Sockets;
using Cluster.Protos.Security;
using Cluster.Worker.Collectives.Channels;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Security;

public sealed class TlsTransportTests : IDisposable
{
    private readonly TestAuthority _authority = new(TimeProvider.System);
    private readonly TestAuthority _other = new(TimeProvider.System);
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task WhatIsSentArrivesInOrderAndCannotBeReadOnTheWay()
    {
        var (dialing, listening) = SocketPair.Connect();
        var accepting = TlsTransport.ConnectAsync(listening, PeerUse.Server, _authority.Credentials(PeerName.OfWorker("a")), IsWorker, _limit.Token);
        using var client = await TlsTransport.ConnectAsync(dialing, PeerUse.Client, _authority.Credentials(PeerName.OfWorker("b")), IsWorker, _limit.Token);
        using var server = await accepting;

        // As a welcome does: it comes behind what TLS has to say after the handshake.
        server.Send([7], 1);
        Assert.True(server.TryFlush(out _));
        var welcome = new byte[2];
        while (client.Receive(welcome, out var early) == 0) Assert.Equal(SocketError.WouldBlock, early);
        Assert.Equal([7, 0], welcome);

        var sent = new byte[24_000_000];
        new Random(3).NextBytes(sent.AsSpan(0, 1 << 20));
        "a text that stands out"u8.CopyTo(sent);

        client.Send(sent, sent.Length);
        Assert.False(client.TryFlush(out var error));
        Assert.Equal(SocketError.WouldBlock, error);
        var peeked = new byte[4096];
        Assert.True(listening.Receive(peeked, SocketFlags.Peek) > 0);
        Assert.True(peeked.AsSpan().IndexOf("a text that stands out"u8) < 0);

        var received = new byte[sent.Length + 1];
        var count = 0;
        while (count < sent.Length)
        {
            client.TryFlush(out _);
            count += server.Receive(received.AsSpan(count, Math.Min(received.Length - count, 10_000)), out error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock);
        }

        Assert.True(received.AsSpan(0, count).SequenceEqual(sent));
        Assert.Equal(0, server.Receive(received, out error));
        Assert.Equal(SocketError.WouldBlock, error);
        client.Dispose();
        Assert.True(server.Poll(SelectMode.SelectRead, 60_000));
        Assert.Equal(0, server.Receive(received, out error));
        Assert.Equal(SocketError.Success, error);
    }

    [Fact]
    public async Task AChangedByteEndsTheConnection()
    {
        var (dialing, listening) = SocketPair.Connect();
        var (relayed, outer) = SocketPair.Connect();
        var accepting = TlsTransport.ConnectAsync(listening, PeerUse.Server, _authority.Credentials(PeerName.OfWorker("a")), IsWorker, _limit.Token);
        var relaying = new Relay(outer, dialing);
        var running = Task.Run(() => relaying.Run(_limit.Token));
        using var client = await TlsTransport.ConnectAsync(relayed, PeerUse.Client, _authority.Credentials(PeerName.OfWorker("b")), IsWorker, _limit.Token);
        using var server = await accepting;

        relaying.Damages = true;
        client.Send(new byte[100], 100);
        Assert.True(client.TryFlush(out _));

        Assert.True(server.Poll(SelectMode.SelectRead, 60_000));
        Assert.Equal(0, server.Receive(new byte[200], out var error));
        Assert.Equal(SocketError.ConnectionReset, error);
        client.Dispose();
        server.Dispose();
        await running;
    }

    [Fact]
    public async Task OtherClustersAndCoordinatorsAreNoPeers()
    {
        foreach (var wrong in (PeerCredentials[])[_other.Credentials(PeerName.OfWorker("b"), trusted: _authority), _authority.Credentials(PeerName.Coordinator)])
        {
            var (dialing, listening) = SocketPair.Connect();
            var accepting = TlsTransport.ConnectAsync(listening, PeerUse.Server, _authority.Credentials(PeerName.OfWorker("a")), IsWorker, _limit.Token);
            try
            {
                // In TLS 1.3 the one who dials is done before the other has judged it.
                using var client = await TlsTransport.ConnectAsync(dialing, PeerUse.Client, wrong, IsWorker, _limit.Token);
            }
            catch (SocketException)
            {
            }

            await Assert.ThrowsAsync<SocketException>(() => accepting);
        }
    }

    private static bool IsWorker(PeerName peer) => peer.Role == PeerRole.Worker;

    /// <summary>Somebody between two ends.</summary>
    private sealed class Relay(Socket first, Socket second)
    {
        public volatile bool Damages;

        public void Run(CancellationToken cancellationToken)
        {
            using (first)
            using (second)
            {
                var buffer = new byte[65_536];
                while (!cancellationToken.IsCancellationRequested && Pass(first, second, buffer, Damages) && Pass(second, first, buffer, false)) Thread.Yield();
            }
        }

        private static bool Pass(Socket from, Socket to, byte[] buffer, bool damages)
        {
            var count = from.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return true;
            if (error != SocketError.Success || count == 0) return false;
            if (damages) buffer[count / 2] ^= 1;
            to.Send(buffer.AsSpan(0, count), SocketFlags.None, out error);
            return error == SocketError.Success;
        }
    }
}
