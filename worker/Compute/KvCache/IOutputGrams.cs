namespace Cluster.Compute.KvCache;

/// <summary>What the attention output projection makes of errors in cached values, which caches of few bits round by.</summary>
public interface IOutputGrams
{
    /// <summary>
    /// Σ w·wᵀ over rows of the projection and over the query heads of the KV head's group, w being a row's part of one head:
    /// HeadDim × HeadDim elements. May be called from several threads.
    /// </summary>
    /// <param name="layer">Index of the layer in the shard.</param>
    /// <param name="kvHead">Index of the KV head in the shard.</param>
    /// <param name="gram">Receives the matrix.</param>
    void Compute(int layer, int kvHead, Span<float> gram);
}
