using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// Where peers connect the sockets that they were promised: on a port of its own, for whoever shows a token that was given out a
/// short while ago and not used yet. Everything else is closed without a word.
/// </summary>
/// <param name="address">Where to listen.</param>
/// <param name="greetingTimeout">How long a connection may take to show its token.</param>
/// <param name="time">What tokens age by.</param>
/// <param name="credentials">For TLS; null for plain text.</param>
internal sealed class ChannelListener(IPAddress address, TimeSpan greetingTimeout, TimeProvider time, PeerCredentials? credentials) : IAsyncDisposable
{
    public static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan DefaultGreetingTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Connections that may be about to show their token.</summary>
    private const int MaxGreetings = 64;

    private readonly Lock _lock = new();
    private readonly List<Ticket> _tickets = [];
    private readonly CancellationTokenSource _ending = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _greetings;

    /// <summary>Promises <paramref name="attach"/> the connection that shows the returned token. It says whether it took it.</summary>
    /// <exception cref="SocketException">No port can be had.</exception>
    public OpenChannelReply Open(Func<IPeerTransport, bool> attach)
    {
        var token = RandomNumberGenerator.GetBytes(PeerSocket.TokenBytes);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            if (_listener is null)
            {
                _listener = Listen();
                _accepting = AcceptAsync(_listener);
            }

            _tickets.RemoveAll(IsLate);
            _tickets.Add(new Ticket(token, time.GetTimestamp(), attach));
            return new OpenChannelReply { Port = ((IPEndPoint)_listener.LocalEndPoint!).Port, Token = ByteString.CopyFrom(token) };
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _ending.Cancel();
            _tickets.Clear();
        }

        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private Socket Listen()
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, 0));
            listener.Listen();
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_ending.Token).ConfigureAwait(false);
                if (Volatile.Read(ref _greetings) >= MaxGreetings) socket.Dispose();
                else _ = GreetAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that ended before it was accepted, or no file handles for it at present.
                await Task.Delay(TimeSpan.FromMilliseconds(10)).ConfigureAwait(false);
            }
        }
    }

    private async Task GreetAsync(Socket socket)
    {
        Interlocked.Increment(ref _greetings);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(greetingTimeout);
        IPeerTransport? transport = null;
        var attached = false;
        try
        {
            transport = await PeerSocket.AcceptAsync(socket, credentials, limit.Token).ConfigureAwait(false);
            if (await PeerSocket.ReadTokenAsync(transport, limit.Token).ConfigureAwait(false) is { } token && Redeem(token) is { } ticket)
            {
                // The answer comes first: once it is attached, the compute thread may send.
                await PeerSocket.WelcomeAsync(transport, limit.Token).ConfigureAwait(false);
                attached = ticket.Attach(transport);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
        finally
        {
            if (!attached) ((IDisposable?)transport ?? socket).Dispose();
            Interlocked.Decrement(ref _greetings);
        }
    }

    private Ticket? Redeem(ReadOnlySpan<byte> token)
    {
        lock (_lock)
        {
            Ticket? found = null;
            foreach (var ticket in _tickets)
            {
                if (CryptographicOperations.FixedTimeEquals(token, ticket.Token)) found = ticket;
            }

            if (found is null) return null;
            _tickets.Remove(found);
            return IsLate(found) ? null : found;
        }
    }

    private bool IsLate(Ticket ticket) => time.GetElapsedTime(ticket.Issued) > TokenLife;

    private sealed record Ticket(byte[] Token, long Issued, Func<IPeerTransport, bool> Attach);
}
