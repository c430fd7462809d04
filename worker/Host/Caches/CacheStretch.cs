using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Worker.Caches;

/// <summary>Checked: some layers' and KV heads' rows of the tokens that some blocks hold.</summary>
internal sealed record CacheStretch(int[] BlockTable, int TokenCount, IndexRange Layers, IndexRange KvHeads)
{
    public KvCursor Cursor() => new(Layers, KvHeads, TokenCount);
}
