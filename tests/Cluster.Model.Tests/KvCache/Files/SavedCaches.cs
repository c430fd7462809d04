using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.KvCache.Files;

namespace Cluster.Model.Tests.KvCache.Files;

/// <summary>Small caches of random rows, and their way to a file and back.</summary>
internal static class SavedCaches
{
    public static KvCacheFileHeader Header(
        Random random, TensorType keys = TensorType.Q8_0, TensorType values = TensorType.Q4_0, int tokens = 37, int edgeLayers = 0) => new()
        {
            Model = new ModelIdentity(random.Next(1, int.MaxValue), Convert.ToHexStringLower(Bytes(random, 32))),
            Format = new KvCacheFormat { KeyType = keys, ValueType = values, EdgeLayers = edgeLayers },
            LayerCount = 3,
            KvHeadCount = 2,
            HeadDim = 64,
            Tokens = [.. Enumerable.Range(0, tokens).Select(_ => random.Next(1 << 17))],
        };

    /// <summary>Saves random rows, some at a time.</summary>
    /// <returns>All rows in the file's order.</returns>
    public static byte[] Save(string path, KvCacheFileHeader header, Random random)
    {
        using var all = new MemoryStream();
        using var writer = KvCacheFileWriter.Create(path, header);
        while (!writer.Position.IsAtEnd)
        {
            var count = random.Next(1, writer.Position.RowsLeft + 1);
            var rows = Bytes(random, count * header.RowBytes(writer.Position.Layer, writer.Position.Part));
            all.Write(rows);
            writer.Append(rows);
        }

        var length = writer.Complete();
        Assert.Equal(length, new FileInfo(path).Length);
        return all.ToArray();
    }

    /// <summary>All rows of a file, read through a buffer of a given size.</summary>
    public static byte[] Load(KvCacheFileReader reader, int bufferBytes)
    {
        using var all = new MemoryStream();
        var buffer = new byte[bufferBytes];
        while (reader.TryRead(buffer, out var rows)) all.Write(buffer, 0, rows.Bytes);
        return all.ToArray();
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
