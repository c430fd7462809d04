using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace Cluster.Model.Gguf;

/// <summary>
/// An array of strings in a file's metadata, such as a vocabulary. Elements are decoded on access and not kept: files hold
/// hundreds of thousands of them and most programs need few. Strings may hold arbitrary bytes; <see cref="Utf8"/> gives these,
/// the indexer shows what is not UTF-8 as U+FFFD.
/// </summary>
public sealed class GgufStringArray : IReadOnlyList<string>
{
    private const int LengthBytes = 8;

    private readonly byte[] _section;
    private readonly int[] _offsets; // of each element's bytes, and where one more would begin

    internal GgufStringArray(byte[] section, int offset, int count)
    {
        _section = section;
        _offsets = new int[count + 1];
        for (int i = 0; i < count; i++)
        {
            _offsets[i] = offset + LengthBytes;
            offset += LengthBytes + (int)BinaryPrimitives.ReadUInt64LittleEndian(section.AsSpan(offset));
        }
        _offsets[count] = offset + LengthBytes;
    }

    public int Count => _offsets.Length - 1;

    internal int EndOffset => _offsets[^1] - LengthBytes;

    public string this[int index] => Encoding.UTF8.GetString(Utf8(index));

    /// <summary>The bytes of one element as the file has them.</summary>
    public ReadOnlySpan<byte> Utf8(int index) =>
        _section.AsSpan(_offsets[index]..(_offsets[index + 1] - LengthBytes));

    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static string DecodeOne(byte[] section, ref int offset)
    {
        int bytes = (int)BinaryPrimitives.ReadUInt64LittleEndian(section.AsSpan(offset));
        string value = Encoding.UTF8.GetString(section, offset + LengthBytes, bytes);
        offset += LengthBytes + bytes;
        return value;
    }
}
