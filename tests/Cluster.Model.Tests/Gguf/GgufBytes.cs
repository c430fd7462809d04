using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Gguf;

/// <summary>Parses headers in memory.</summary>
internal static class GgufBytes
{
    public const string Name = "memory.gguf";

    public static unsafe GgufHeader Parse(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return GgufHeaderParser.Parse(start, bytes.Length, Name);
    }

    public static GgufHeader Parse(RawGguf raw) => Parse(raw.ToArray());

    /// <summary>Writes a file with the given declarations and random-looking data, and parses it.</summary>
    public static byte[] Write(Action<GgufWriter> declare, int alignment = 32)
    {
        using var stream = new MemoryStream();
        var writer = new GgufWriter(stream, alignment);
        declare(writer);
        foreach (GgufTensor tensor in writer.Tensors)
        {
            var data = new byte[tensor.ByteCount];
            new Random(tensor.Name.Length).NextBytes(data);
            writer.WriteData(data);
        }
        writer.Complete();
        return stream.ToArray();
    }
}
