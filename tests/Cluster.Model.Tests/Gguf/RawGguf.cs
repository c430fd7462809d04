using System.Text;

namespace Cluster.Model.Tests.Gguf;

/// <summary>Builds GGUF files byte by byte, so that tests can lie in any field.</summary>
internal sealed class RawGguf
{
    private readonly List<byte> _bytes = [];

    public RawGguf(ulong tensorCount = 0, ulong metadataCount = 0, uint version = 3)
    {
        _bytes.AddRange("GGUF"u8);
        UInt32(version).UInt64(tensorCount).UInt64(metadataCount);
    }

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public RawGguf Cut(int length)
    {
        _bytes.RemoveRange(length, _bytes.Count - length);
        return this;
    }

    public RawGguf Replace(int index, byte value)
    {
        _bytes[index] = value;
        return this;
    }

    public RawGguf Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public RawGguf UInt32(uint value)
    {
        _bytes.AddRange(BitConverter.GetBytes(value));
        return this;
    }

    public RawGguf UInt64(ulong value)
    {
        _bytes.AddRange(BitConverter.GetBytes(value));
        return this;
    }

    public RawGguf String(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        UInt64((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    public RawGguf Key(string key, uint type) => String(key).UInt32(type);

    public RawGguf Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        String(name).UInt32((uint)dimensions.Length);
        foreach (ulong dimension in dimensions)
            UInt64(dimension);
        return UInt32(type).UInt64(offset);
    }

    /// <summary>Pads to the alignment and appends that many bytes of data.</summary>
    public RawGguf Data(int bytes, int alignment = 32)
    {
        while (_bytes.Count % alignment != 0)
            _bytes.Add(0);
        for (int i = 0; i < bytes; i++)
            _bytes.Add((byte)(i * 7 + 1));
        return this;
    }
}
