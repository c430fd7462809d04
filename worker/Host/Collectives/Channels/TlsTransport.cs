using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Cluster.Protos.Security;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>A socket under mutual TLS. After the handshake the thread that sends and receives also encrypts and decrypts; nothing is allocated then.</summary>
internal sealed class TlsTransport : IPeerTransport
{
    private readonly Socket _socket;
    private readonly RecordStream _records;
    private readonly SslStream _tls;

    // What one record holds at most.
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>((1 << 14) + 256);
    private int _start;
    private int _end;

    private TlsTransport(Socket socket)
    {
        _socket = socket;
        _records = new RecordStream(socket);
        _tls = new SslStream(_records);
    }

    public bool IsClosed => _socket.IsClosed();

    /// <summary>Shakes hands with a worker of this cluster. The socket is the transport's from then on, or disposed.</summary>
    /// <param name="socket">Connected, and not blocking.</param>
    /// <param name="use">This end's.</param>
    /// <param name="credentials">What is shown, and what the other is judged by.</param>
    /// <param name="isWanted">Whether somebody is who the connection is for.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="SocketException">The other is none, or the connection ended.</exception>
    public static async Task<TlsTransport> ConnectAsync(Socket socket, PeerUse use, PeerCredentials credentials, Predicate<PeerName> isWanted, CancellationToken cancellationToken)
    {
        var transport = new TlsTransport(socket);
        try
        {
            var address = socket.RemoteEndPoint?.ToString();
            var handshake = use == PeerUse.Client
                ? transport._tls.AuthenticateAsClientAsync(credentials.ClientOptions(isWanted, address), cancellationToken)
                : transport._tls.AuthenticateAsServerAsync(credentials.ServerOptions(isWanted, address), cancellationToken);
            await handshake.ConfigureAwait(false);
            return transport;
        }
        catch (Exception e)
        {
            transport.Dispose();
            if (e is AuthenticationException or IOException) throw new SocketException((int)SocketError.ConnectionRefused, e.Message);
            throw;
        }
    }

    public int Receive(Span<byte> room, out SocketError error)
    {
        error = SocketError.Success;
        if (_start == _end && !Decrypt(out error)) return 0;
        var count = Math.Min(room.Length, _end - _start);
        _plain.AsSpan(_start, count).CopyTo(room);
        _start += count;
        return count;
    }

    public void Send(byte[] bytes, int count) => _tls.Write(bytes, 0, count);

    public bool TryFlush(out SocketError error) => _records.TryFlush(out error);

    public bool Poll(SelectMode mode, int milliseconds) => _socket.WaitFor(mode, milliseconds);

    public void Dispose()
    {
        // The other end notices the socket's close: what is whole is known from the frames.
        _socket.Dispose();
        _tls.Dispose();
    }

    /// <summary>Takes the next record. False when it has not come as a whole, and at the end.</summary>
    private bool Decrypt(out SocketError error)
    {
        _start = _end = 0;
        while (true)
        {
            while (!_records.HasRecord)
            {
                if (_records.Fill(out error) == 0) return false;
            }

            try
            {
                error = SocketError.Success;
                _end = _tls.Read(_plain, 0, _plain.Length);
                return _end > 0;
            }
            catch (NoRecordException)
            {
                // A message of TLS's own. Its answer leaves with the next frame.
            }
            catch (IOException)
            {
                error = SocketError.ConnectionReset;
                return false;
            }
        }
    }
}
