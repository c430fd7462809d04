using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Grpc.Core;
using ProtoRange = Cluster.Protos.V1.Range;

namespace Cluster.Worker.Caches;

/// <summary>Checks what a coordinator asks of a shard's cache, before anything is touched for it.</summary>
internal static class CacheRequestReader
{
    /// <exception cref="RpcException">It names another plan, or what the shard does not have.</exception>
    public static CacheStretch Read(ReadCacheRequest request, ShardCache cache) => Read(
        request.Region, cache, ReadRange(request.Layers, cache.Layers, "layers", cache), ReadRange(request.KvHeads, cache.KvHeads, "KV heads", cache));

    /// <summary>A region in all layers and heads of the shard.</summary>
    /// <exception cref="RpcException">It names another plan, or what the shard does not have.</exception>
    public static CacheStretch Read(CacheRegion? region, ShardCache cache) => Read(region, cache, cache.Layers, cache.KvHeads);

    public static RpcException Invalid(string problem) => new(new Status(StatusCode.InvalidArgument, problem));

    private static CacheStretch Read(CacheRegion? region, ShardCache cache, IndexRange layers, IndexRange kvHeads)
    {
        if (region is null) throw Invalid("the request has no region");
        if (region.PlanVersion != cache.Identity.PlanVersion)
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"a region of plan {region.PlanVersion} was asked for, this is {cache.Identity}"));

        var blocks = region.BlockTable;
        if (region.TokenCount < 1 || region.TokenCount > (long)blocks.Count * cache.BlockTokens)
            throw Invalid($"{blocks.Count} blocks of {cache.BlockTokens} tokens hold no {region.TokenCount}");
        var seen = new HashSet<int>();
        foreach (var block in blocks)
        {
            if ((uint)block >= (uint)cache.BlockCount) throw Invalid($"the region has block {block}, the cache has {cache.BlockCount}");
            if (!seen.Add(block)) throw Invalid($"the region has block {block} twice");
        }

        return new CacheStretch([.. blocks], region.TokenCount, layers, kvHeads);
    }

    private static IndexRange ReadRange(ProtoRange? message, IndexRange held, string what, ShardCache cache)
    {
        var range = message is null ? default : new IndexRange(message.Start, message.End);
        if (range.IsEmpty || !held.Contains(range)) throw Invalid($"{what} {range} were asked for, {cache.Identity} holds {held}");
        return range;
    }
}
