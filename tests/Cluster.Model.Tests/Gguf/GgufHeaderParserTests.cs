using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Gguf;

public class GgufHeaderParserTests
{
    private const uint F32 = (uint)TensorType.F32;
    private const uint Q4_0 = (uint)TensorType.Q4_0;

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Reads_both_versions(uint version)
    {
        RawGguf raw = new RawGguf(2, 1, version)
            .Key("general.name", 8).String("hand-made")
            .Tensor("a", F32, 0, 3, 2).Tensor("b", Q4_0, 32, 64)
            .Data(32 + 36);

        GgufHeader header = GgufBytes.Parse(raw);

        Assert.Equal(version, header.Version);
        Assert.Equal("hand-made", header.Metadata.GetString("general.name"));
        long data = raw.Length - 68;
        Assert.Equal(("a", TensorType.F32, data, 24L), (header.Tensors[0].Name, header.Tensors[0].Type, header.Tensors[0].Offset, header.Tensors[0].ByteCount));
        Assert.Equal([3L, 2L], header.Tensors[0].Dimensions.ToArray());
        Assert.Equal((64L, 1L, 36L), (header.Tensors[1].Columns, header.Tensors[1].Rows, header.Tensors[1].RowBytes));
        Assert.Equal(data + 32, header.Tensors[1].Offset);
    }

    [Fact]
    public void Uses_the_stated_alignment()
    {
        RawGguf raw = new RawGguf(1, 1).Key("general.alignment", 4).UInt32(64).Tensor("a", F32, 64, 1).Data(68, 64);

        GgufHeader header = GgufBytes.Parse(raw);

        Assert.Equal(64, header.Alignment);
        Assert.Equal(raw.Length - 4, header.Tensors[0].Offset);
    }

    public static TheoryData<string, string> MalformedHeaders() => new()
    {
        { "short", "not a GGUF file: 10 bytes are too few for a header (at offset 0)" },
        { "magic", "not a GGUF file: it does not begin with \"GGUF\" (at offset 0)" },
        { "version 1", "GGUF version 1 is not supported (2 and 3 are) (at offset 4)" },
        { "version 4", "GGUF version 4 is not supported (2 and 3 are) (at offset 4)" },
        { "big-endian", "GGUF file is big-endian, which is not supported (at offset 4)" },
        { "tensor count", "tensor count is 18446744073709551615, but only 8 bytes remain in the file (at offset 8)" },
        { "metadata count", "metadata count is 1000, but only 0 bytes remain in the file (at offset 16)" },
        { "too many keys", "metadata count is 20000 (at most 16384 are allowed) (at offset 16)" },
        { "key length", "metadata key has a length of 9223372036854775808 bytes, but only 20 remain in the file (at offset 24)" },
        { "long key", "metadata key has a length of 70000 bytes (at most 65535 are allowed) (at offset 24)" },
        { "empty key", "metadata key is empty (at offset 24)" },
        { "same key", "metadata key 'k' occurs twice (at offset 38)" },
        { "value type", "value of key 'k' has unknown type 13 (at offset 33)" },
        { "boolean", "boolean value of key 'k' is neither 0 nor 1 (at offset 37)" },
        { "no value", "file ends within a value: 8 bytes needed, 4 left (at offset 37)" },
        { "string length", "a string value has a length of 4294967296 bytes, but only 6 remain in the file (at offset 37)" },
        { "array length", "array length is 4611686018427387904, but only 6 bytes remain in the file (at offset 41)" },
        { "element type", "value of key 'k' has unknown type 99 (at offset 37)" },
        { "nesting", "arrays of key 'k' nest deeper than 4 (at offset 85)" },
        { "string in array", "a string value has a length of 255 bytes, but only 1 remain in the file (at offset 57)" },
        { "alignment", "general.alignment is 48; it must be a power of two from 8 to 2097152 (at offset 53)" },
        { "alignment 0", "general.alignment is 0; it must be a power of two from 8 to 2097152 (at offset 53)" },
        { "alignment type", "metadata key 'general.alignment' is not an integer (at offset 53)" },
        { "escaped", "metadata key 'a\\u000ab' occurs twice (at offset 40)" },
    };

    [Theory]
    [MemberData(nameof(MalformedHeaders))]
    public void Refuses_a_malformed_header(string what, string message) => Refuses(Header(what), message, null);

    public static TheoryData<string, string, string?> MalformedTensors() => new()
    {
        { "empty name", "tensor name is empty (at offset 24)", null },
        { "long name", "tensor name has a length of 300 bytes (at most 256 are allowed) (at offset 24)", null },
        { "same name", "tensor name occurs twice (tensor 'a', at offset 57)", "a" },
        { "no dimensions", "tensor has 0 dimensions (1 to 4 are allowed) (tensor 'a', at offset 33)", "a" },
        { "five dimensions", "tensor has 5 dimensions (1 to 4 are allowed) (tensor 'a', at offset 33)", "a" },
        { "zero dimension", "dimension 1 is 0 (tensor 'a', at offset 45)", "a" },
        { "negative dimension", "dimension 0 is 18446744073709551615 (tensor 'a', at offset 37)", "a" },
        { "many elements", "shape [4294967296, 4294967296] has too many elements (tensor 'a', at offset 53)", "a" },
        { "many bytes", "shape [4611686018427387904] has too many bytes (tensor 'a', at offset 45)", "a" },
        { "unsupported type", $"tensor type IQ2_XS is not supported (supported: {TensorTraits.SupportedNames}) (tensor 'a', at offset 45)", "a" },
        { "unknown type", $"tensor type id 4 is unknown (supported: {TensorTraits.SupportedNames}) (tensor 'a', at offset 45)", "a" },
        { "partial block", "row of 48 elements is not a whole number of Q4_0 blocks of 32 (tensor 'a', at offset 53)", "a" },
        { "unaligned", "data offset 4 is not a multiple of the alignment 32 (tensor 'a', at offset 49)", "a" },
        { "offset", "32 bytes of data at 96 do not fit the file's data section of 64 bytes (tensor 'a', at offset 49)", "a" },
        { "huge offset", "32 bytes of data at 18446744073709551584 do not fit the file's data section of 64 bytes (tensor 'a', at offset 49)", "a" },
        { "truncated", "68 bytes of data at 0 do not fit the file's data section of 64 bytes (tensor 'a', at offset 49)", "a" },
        { "no data", "4 bytes of data at 0 do not fit the file's data section of 0 bytes (tensor 'a', at offset 49)", "a" },
        { "overlap", "tensor data overlaps that of 'a' (tensor 'b', at offset 128)", "b" },
        { "description ends", "file ends within the tensor type and offset: 12 bytes needed, 4 left (tensor 'a', at offset 53)", "a" },
    };

    [Theory]
    [MemberData(nameof(MalformedTensors))]
    public void Refuses_a_malformed_tensor(string what, string message, string? tensor) => Refuses(Tensors(what), message, tensor);

    private static void Refuses(RawGguf raw, string message, string? tensor)
    {
        var error = Assert.Throws<GgufFormatException>(() => GgufBytes.Parse(raw));

        Assert.Equal($"{GgufBytes.Name}: {message}", error.Message);
        Assert.Equal(GgufBytes.Name, error.File);
        Assert.Equal(tensor, error.Tensor);
        Assert.NotNull(error.Offset);
    }

    private static RawGguf Header(string what) => what switch
    {
        "short" => new RawGguf().Cut(10),
        "magic" => new RawGguf().Replace(3, (byte)'g'),
        "version 1" => new RawGguf(version: 1),
        "version 4" => new RawGguf(version: 4),
        "big-endian" => new RawGguf(version: 0x03000000),
        "tensor count" => new RawGguf(tensorCount: ulong.MaxValue),
        "metadata count" => new RawGguf(metadataCount: 1000),
        "too many keys" => new RawGguf(metadataCount: 20_000).Data(400_000),
        "key length" => new RawGguf(metadataCount: 1).UInt64(1UL << 63).Data(20, 1),
        "long key" => new RawGguf(metadataCount: 1).String(new string('k', 70_000)).UInt32(0).Byte(0),
        "empty key" => new RawGguf(metadataCount: 1).Key("", 0).UInt64(0),
        "same key" => new RawGguf(metadataCount: 2).Key("k", 0).Byte(1).Key("k", 0).Byte(1),
        "value type" => new RawGguf(metadataCount: 1).Key("k", 13).UInt64(0),
        "boolean" => new RawGguf(metadataCount: 1).Key("k", 7).Byte(2),
        "no value" => new RawGguf(metadataCount: 1).Key("k", 12).UInt32(0),
        "string length" => new RawGguf(metadataCount: 1).Key("k", 8).UInt64(1UL << 32).Data(6, 1),
        "array length" => new RawGguf(metadataCount: 1).Key("k", 9).UInt32(4).UInt64(1UL << 62).Data(6, 1),
        "element type" => new RawGguf(metadataCount: 1).Key("k", 9).UInt32(99).UInt64(0),
        "nesting" => Nested(5),
        "string in array" => new RawGguf(metadataCount: 1).Key("k", 9).UInt32(8).UInt64(2).String("").Byte(255).UInt64(0),
        "alignment" => new RawGguf(metadataCount: 1).Key("general.alignment", 4).UInt32(48),
        "alignment 0" => new RawGguf(metadataCount: 1).Key("general.alignment", 4).UInt32(0),
        "alignment type" => new RawGguf(metadataCount: 1).Key("general.alignment", 6).UInt32(0x42000000),
        "escaped" => new RawGguf(metadataCount: 2).Key("a\nb", 0).Byte(1).Key("a\nb", 0).Byte(1),
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };

    private static RawGguf Tensors(string what) => what switch
    {
        "empty name" => new RawGguf(1).Tensor("", F32, 0, 1).Data(32),
        "long name" => new RawGguf(1).Tensor(new string('t', 300), F32, 0, 1).Data(32),
        "same name" => new RawGguf(2).Tensor("a", F32, 0, 1).Tensor("a", F32, 32, 1).Data(64),
        "no dimensions" => new RawGguf(1).Tensor("a", F32, 0).Data(32),
        "five dimensions" => new RawGguf(1).Tensor("a", F32, 0, 1, 1, 1, 1, 1).Data(32),
        "zero dimension" => new RawGguf(1).Tensor("a", F32, 0, 4, 0).Data(32),
        "negative dimension" => new RawGguf(1).Tensor("a", F32, 0, ulong.MaxValue).Data(32),
        "many elements" => new RawGguf(1).Tensor("a", F32, 0, 1UL << 32, 1UL << 32).Data(32),
        "many bytes" => new RawGguf(1).Tensor("a", F32, 0, 1UL << 62).Data(32),
        "unsupported type" => new RawGguf(1).Tensor("a", (uint)TensorType.IQ2_XS, 0, 256).Data(96),
        "unknown type" => new RawGguf(1).Tensor("a", 4, 0, 32).Data(32),
        "partial block" => new RawGguf(1).Tensor("a", Q4_0, 0, 48, 2).Data(64),
        "unaligned" => new RawGguf(1).Tensor("a", F32, 4, 1).Data(32),
        "offset" => new RawGguf(1).Tensor("a", F32, 96, 8).Data(64),
        "huge offset" => new RawGguf(1).Tensor("a", F32, ulong.MaxValue - 31, 8).Data(64),
        "truncated" => new RawGguf(1).Tensor("a", F32, 0, 17).Data(64),
        "no data" => new RawGguf(1).Tensor("a", F32, 0, 1),
        "overlap" => new RawGguf(2).Tensor("b", F32, 32, 8).Tensor("a", F32, 0, 9).Data(64),
        "description ends" => new RawGguf(1).String("a").UInt32(2).UInt64(1).UInt64(1).UInt32(0),
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };

    private static RawGguf Nested(int depth)
    {
        RawGguf raw = new RawGguf(metadataCount: 1).Key("k", 9);
        for (int i = 0; i < depth; i++)
            raw.UInt32(9).UInt64(1);
        return raw.UInt32(0).UInt64(0);
    }
}
