using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Cluster.Model.Formats;

namespace Cluster.Model.KvCache.Files;

/// <summary>
/// The layout of a saved cache, all numbers little-endian:
/// <code>
/// magic "CLUSTRKV", u32 version, u32 tokens, u64 and 32 bytes of model identity, u32 key type, u32 value type, u32 rotation, u32 edge layers,
/// u32 layers, u32 KV heads, u32 head dimension, u32 zero; i32 token ids;                    SHA-256 of all this
/// for each layer and KV head: a row of keys for each token, a row of values for each token; SHA-256 of header checksum, u32 layer, u32 head, rows
///                                                                                           SHA-256 of all checksums before
/// </code>
/// A head's rows are thus bound to their place and their text, and the last checksum to all of them.
/// </summary>
internal static class KvCacheFileCodec
{
    public const uint Version = 1;
    public const int FixedBytes = 88;
    public const int ChecksumBytes = SHA256.HashSizeInBytes;

    private const int IdentityAt = 16, FormatAt = 56;

    private static ReadOnlySpan<byte> Magic => "CLUSTRKV"u8;

    /// <summary>Everything before the header's checksum.</summary>
    public static byte[] Encode(KvCacheFileHeader header)
    {
        var bytes = new byte[FixedBytes + header.Tokens.Length * sizeof(int)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), header.Tokens.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(IdentityAt), header.Model.Length);
        Convert.FromHexString(header.Model.HeaderSha256).CopyTo(bytes, IdentityAt + sizeof(long));
        ReadOnlySpan<int> numbers =
        [
            (int)header.Format.KeyType, (int)header.Format.ValueType, header.Format.Rotation ? 1 : 0, header.Format.EdgeLayers,
            header.LayerCount, header.KvHeadCount, header.HeadDim, 0,
        ];
        WriteInts(bytes.AsSpan(FormatAt), numbers);
        WriteInts(bytes.AsSpan(FixedBytes), header.Tokens.AsSpan());
        return bytes;
    }

    /// <summary>The number of tokens, checked against the file's length; what follows is not yet read.</summary>
    /// <exception cref="KvCacheFileException">It is no saved cache, one of another version, or cut short.</exception>
    public static int ReadTokenCount(ReadOnlySpan<byte> fixedPart, string file, long length)
    {
        if (!fixedPart.StartsWith(Magic)) throw new KvCacheFileException(file, "it is not a saved KV cache (magic 'CLUSTRKV' is missing)");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[8..]);
        if (version != Version) throw new KvCacheFileException(file, $"version {version} of the format is not known; this program reads version {Version}");
        var tokens = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[12..]);
        if (tokens is 0 or > KvCacheFileHeader.MaxTokens || FixedBytes + tokens * (long)sizeof(int) + ChecksumBytes > length)
            throw new KvCacheFileException(file, $"header: {tokens} tokens cannot be in a file of {length} bytes");
        return (int)tokens;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; its checksum is good already.</summary>
    /// <exception cref="KvCacheFileException">It declares what cannot be.</exception>
    public static KvCacheFileHeader Decode(ReadOnlySpan<byte> bytes, string file, long length)
    {
        var tokens = new int[(bytes.Length - FixedBytes) / sizeof(int)];
        ReadInts(bytes[FixedBytes..], tokens);
        Span<int> numbers = stackalloc int[8];
        ReadInts(bytes[FormatAt..], numbers);
        if (numbers[2] is not (0 or 1) || numbers[3] is < 0 or > KvCacheFileHeader.MaxLayers || numbers[4] is < 1 or > KvCacheFileHeader.MaxLayers
            || numbers[5] is < 1 or > KvCacheFileHeader.MaxKvHeads || numbers[6] is < 1 or > KvCacheFileHeader.MaxHeadDim || numbers[7] != 0)
            throw new KvCacheFileException(file, "header: a number is out of range");

        var header = new KvCacheFileHeader
        {
            Model = new ModelIdentity(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[IdentityAt..]),
                Convert.ToHexStringLower(bytes.Slice(IdentityAt + sizeof(long), ChecksumBytes))),
            Format = new KvCacheFormat
            {
                KeyType = TypeOf(numbers[0], numbers[6], file),
                ValueType = TypeOf(numbers[1], numbers[6], file),
                Rotation = numbers[2] == 1,
                EdgeLayers = numbers[3],
            },
            LayerCount = numbers[4],
            KvHeadCount = numbers[5],
            HeadDim = numbers[6],
            Tokens = ImmutableCollectionsMarshal.AsImmutableArray(tokens),
        };
        if (TotalBytes(header) is var expected && expected != length)
            throw new KvCacheFileException(file, $"it has {length} bytes, its header declares {expected}: it is cut short or not what was saved");
        return header;
    }

    /// <summary>Bytes of the whole file; beyond any file's for headers that lie.</summary>
    public static Int128 TotalBytes(KvCacheFileHeader header)
    {
        var rows = Int128.Zero;
        for (var layer = 0; layer < header.LayerCount; layer++) rows += header.RowBytes(layer, KvPart.Keys) + header.RowBytes(layer, KvPart.Values);
        return FixedBytes + header.Tokens.Length * (Int128)sizeof(int) + ChecksumBytes
            + header.KvHeadCount * (rows * header.Tokens.Length + header.LayerCount * ChecksumBytes) + ChecksumBytes;
    }

    private static TensorType TypeOf(int id, int headDim, string file)
    {
        var type = (TensorType)id;
        if (!KvCacheFormat.Types.Contains(type)) throw new KvCacheFileException(file, $"header: type {id} is none of a KV cache");
        if (headDim % TensorTraits.Get(type).BlockSize != 0)
            throw new KvCacheFileException(file, $"header: {KvCacheFormat.NameOf(type)} does not divide head dimension {headDim}");
        return type;
    }

    private static void WriteInts(Span<byte> bytes, ReadOnlySpan<int> numbers)
    {
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], numbers[i]);
    }

    private static void ReadInts(ReadOnlySpan<byte> bytes, Span<int> numbers)
    {
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
    }
}
