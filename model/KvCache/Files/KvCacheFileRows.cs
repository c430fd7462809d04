namespace Cluster.Model.KvCache.Files;

/// <summary>Some rows of a saved cache.</summary>
/// <param name="Layer">The model's layer.</param>
/// <param name="KvHead">The model's KV head.</param>
/// <param name="Part">Keys or values.</param>
/// <param name="FirstToken">Token of the first row, counted from the text's beginning.</param>
/// <param name="Count">Rows.</param>
/// <param name="RowBytes">Bytes of each.</param>
public readonly record struct KvCacheFileRows(int Layer, int KvHead, KvPart Part, int FirstToken, int Count, int RowBytes)
{
    public int Bytes => Count * RowBytes;
}
