using System.Collections.Concurrent;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Resilience;
using Grpc.Core;
using Polly.Timeout;

namespace Cluster.Worker.Weights;

/// <summary>The coordinator, which has all of the model, and the workers that it names for what they have of it already.</summary>
internal sealed class SharedPieces : IPieceSource, IDisposable
{
    private readonly PieceClient _coordinator;
    private readonly PieceAnnouncer _announcer;
    private readonly ConcurrentDictionary<string, PieceClient> _peers = [];
    private readonly ConcurrentDictionary<string, long> _distrusted = [];
    private readonly PeerCredentials? _credentials;
    private readonly TimeProvider _time;

    public SharedPieces(HostPort coordinator, PeerCredentials? credentials, TimeProvider time)
    {
        Name = $"the coordinator at {coordinator}";
        _coordinator = new PieceClient(coordinator.ToString(), credentials, PeerRole.Coordinator, WorkerPolicies.Coordinator);
        _announcer = new PieceAnnouncer(_coordinator);
        _credentials = credentials;
        _time = time;
    }

    public string Name { get; }

    /// <summary>HOST:PORT where other workers reach this one; empty as long as it passes nothing on.</summary>
    public string Address { get; set; } = "";

    public ModelContent Describe(ModelKey model, CancellationToken cancellationToken) =>
        Wait(_coordinator.DescribeAsync(model, cancellationToken), cancellationToken);

    public ReceivedPiece Read(ReadPieceRequest request, CancellationToken cancellationToken)
    {
        var asked = request.Clone();
        asked.Reader = Address;
        while (true)
        {
            asked.Distrusted.Clear();
            asked.Distrusted.AddRange(Distrusted());
            var answer = Wait(_coordinator.ReadAsync(asked, cancellationToken), cancellationToken);
            if (answer.Holders.Count == 0) return new ReceivedPiece(answer.Data.Memory, Name);

            foreach (var holder in answer.Holders)
            {
                if (TryRead(holder, request, cancellationToken) is { } piece) return piece;
                Distrust(holder);
            }
        }
    }

    public void Distrust(string peer) => _distrusted[peer] = _time.GetTimestamp();

    public void Announce(ReadPieceRequest piece)
    {
        if (Address.Length > 0) _announcer.Add(piece, Address);
    }

    public void Dispose()
    {
        _announcer.Dispose();
        _coordinator.Dispose();
        foreach (var peer in _peers.Values) peer.Dispose();
    }

    private IEnumerable<string> Distrusted()
    {
        foreach (var (peer, since) in _distrusted)
        {
            if (_time.GetElapsedTime(since) < WorkerPolicies.PeerDistrust) yield return peer;
            else _distrusted.TryRemove(peer, out _);
        }
    }

    private ReceivedPiece? TryRead(string holder, ReadPieceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var peer = _peers.GetOrAdd(holder, address => new PieceClient(address, _credentials, PeerRole.Worker, WorkerPolicies.Peer));
            return new ReceivedPiece(peer.ReadAsync(request, cancellationToken).GetAwaiter().GetResult().Data.Memory, $"the worker at {holder}", holder);
        }
        catch (Exception e) when (e is RpcException or TimeoutRejectedException or IOException or UriFormatException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static T Wait<T>(Task<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return call.GetAwaiter().GetResult();
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException(e.Status.Detail, e);
        }
    }
}
