using Cluster.Coordinator.Ranks;
using Cluster.Protos.V1;
using Grpc.Core;
using Shard = Cluster.Model.Sharding.Shard;

namespace Cluster.Coordinator.CacheFiles;

/// <summary>A stream of rows into one rank's cache.</summary>
internal sealed class RankCacheWrite(RankConnection rank, Shard shard, CancellationToken cancellationToken) : IDisposable
{
    private readonly AsyncClientStreamingCall<WriteCacheRequest, WriteCacheReply> _call = rank.WriteCache(cancellationToken);

    /// <summary>Whether the rank has a place for rows of this layer and head.</summary>
    public bool Holds(int layer, int kvHead) => shard.Layers.Contains(layer) && shard.KvHeads.Contains(kvHead);

    /// <exception cref="ClusterException">The worker refuses or fails; as the others.</exception>
    public Task BeginAsync(CacheRegion region) => WriteAsync(new WriteCacheRequest { Region = region });

    public Task SendAsync(CachePart part) => WriteAsync(new WriteCacheRequest { Part = part });

    /// <summary>Waits until the rank has all of it in its cache.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            // The response says why.
        }

        await AwaitResponseAsync().ConfigureAwait(false);
    }

    public void Dispose() => _call.Dispose();

    private async Task WriteAsync(WriteCacheRequest message)
    {
        try
        {
            await _call.RequestStream.WriteAsync(message).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e))
        {
            await AwaitResponseAsync().ConfigureAwait(false);
            throw rank.CacheFailure("it ended the stream of rows");
        }
    }

    private async Task AwaitResponseAsync()
    {
        try
        {
            await _call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw rank.CacheFailure(e.Status.Detail);
        }
    }

    private static bool IsBroken(Exception e) => e is RpcException or InvalidOperationException or IOException;
}
