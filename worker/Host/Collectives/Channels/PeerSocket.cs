using System.Net;
using System.Net.Sockets;
using Cluster.Protos.Security;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// Makes connections between ranks. Both ends become a link's here and nowhere else, and TLS comes in here.
/// The caller sends a greeting (magic, version, token), the listener a welcome that differs from it: what merely sends back what it gets
/// is no listener.
/// </summary>
/// <remarks>Waits by looking again: an asynchronous operation would tie the socket to the runtime's event loop for good.</remarks>
internal static class PeerSocket
{
    public const int TokenBytes = 32;

    private const int PreambleBytes = 8;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(1);

    /// <summary>Seconds after which a peer that has lost its power, or its link, is taken for gone.</summary>
    private const int DeadSeconds = 12;

    // Linux's numbers of the protocol and of TCP_USER_TIMEOUT, in milliseconds: keep-alive probes are not sent while data waits for its receipt.
    private const int TcpLevel = 6, TcpUserTimeout = 18;

    /// <summary>"CCHL" and the version of what follows, 1.</summary>
    private static ReadOnlySpan<byte> Preamble => "CCHL\u0001\0\0\0"u8;

    /// <summary>The answer to it, as long.</summary>
    private static ReadOnlySpan<byte> Welcoming => "CCHW\u0001\0\0\0"u8;

    /// <summary>Connects to a listener and shows it the token.</summary>
    /// <param name="host">Where it is.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="token">What it has promised the connection for.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    /// <param name="isWanted">Whether somebody is who must be there.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="SocketException">It cannot be reached, or does not take the token.</exception>
    public static async Task<IPeerTransport> DialAsync(
        string host, int port, ReadOnlyMemory<byte> token, PeerCredentials? credentials, Predicate<PeerName> isWanted, CancellationToken cancellationToken)
    {
        var failure = new SocketException((int)SocketError.HostNotFound);
        foreach (var address in await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            IDisposable open = socket;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_connectTimeout);
            try
            {
                await ConnectAsync(socket, new IPEndPoint(address, port), limit.Token).ConfigureAwait(false);
                var transport = await ProtectAsync(socket, PeerUse.Client, credentials, isWanted, limit.Token).ConfigureAwait(false);
                open = transport;
                await GreetAsync(transport, token, limit.Token).ConfigureAwait(false);
                return transport;
            }
            catch (SocketException e)
            {
                open.Dispose();
                failure = e;
            }
            catch (OperationCanceledException)
            {
                open.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                failure = new SocketException((int)SocketError.TimedOut);
            }
        }

        throw failure;
    }

    /// <summary>Prepares a connection that was accepted, with the handshake of TLS. The socket is disposed when that fails.</summary>
    /// <exception cref="SocketException">It is no peer's, or has ended.</exception>
    public static Task<IPeerTransport> AcceptAsync(Socket socket, PeerCredentials? credentials, CancellationToken cancellationToken)
    {
        Prepare(socket);
        return ProtectAsync(socket, PeerUse.Server, credentials, static peer => peer.Role == PeerRole.Worker, cancellationToken);
    }

    /// <summary>Reads the greeting of a connection that was accepted; null when it is none. The answer is for <see cref="WelcomeAsync"/> to give.</summary>
    public static async Task<byte[]?> ReadTokenAsync(IPeerTransport transport, CancellationToken cancellationToken)
    {
        var greeting = new byte[PreambleBytes + TokenBytes];
        if (!await ReadAsync(transport, greeting, cancellationToken).ConfigureAwait(false)) return null;
        return greeting.AsSpan().StartsWith(Preamble) ? greeting[PreambleBytes..] : null;
    }

    public static Task WelcomeAsync(IPeerTransport transport, CancellationToken cancellationToken) =>
        WriteAsync(transport, Welcoming.ToArray(), cancellationToken);

    private static async Task<IPeerTransport> ProtectAsync(
        Socket socket, PeerUse use, PeerCredentials? credentials, Predicate<PeerName> isWanted, CancellationToken cancellationToken) =>
        credentials is null ? new PlainTransport(socket) : await TlsTransport.ConnectAsync(socket, use, credentials, isWanted, cancellationToken).ConfigureAwait(false);

    private static async Task ConnectAsync(Socket socket, EndPoint address, CancellationToken cancellationToken)
    {
        Prepare(socket);
        try
        {
            socket.Connect(address);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            while (!socket.Poll(0, SelectMode.SelectWrite)) await Task.Delay(s_lookAgain, cancellationToken).ConfigureAwait(false);
            var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != 0) throw new SocketException(error);
        }
    }

    private static async Task GreetAsync(IPeerTransport transport, ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        await WriteAsync(transport, [.. Preamble, .. token.Span], cancellationToken).ConfigureAwait(false);
        var answer = new byte[PreambleBytes];
        if (!await ReadAsync(transport, answer, cancellationToken).ConfigureAwait(false) || !answer.AsSpan().SequenceEqual(Welcoming))
            throw new SocketException((int)SocketError.ConnectionReset);
    }

    private static void Prepare(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, DeadSeconds / 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, DeadSeconds / 4);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes(DeadSeconds * 1000));
    }

    private static async Task WriteAsync(IPeerTransport transport, byte[] bytes, CancellationToken cancellationToken)
    {
        transport.Send(bytes, bytes.Length);
        while (!transport.TryFlush(out var error))
        {
            if (error is not (SocketError.WouldBlock or SocketError.Success)) throw new SocketException((int)error);
            await Task.Delay(s_lookAgain, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>False when the connection ends first.</summary>
    private static async Task<bool> ReadAsync(IPeerTransport transport, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var count = transport.Receive(bytes.Span, out var error);
            if (error == SocketError.WouldBlock) await Task.Delay(s_lookAgain, cancellationToken).ConfigureAwait(false);
            else if (error != SocketError.Success || count == 0) return false;
            else bytes = bytes[count..];
        }

        return true;
    }
}
