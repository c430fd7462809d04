namespace Cluster.Model.Gguf;

/// <summary>
/// Parses and validates a GGUF header. The input is hostile: nothing is allocated on the word of a count or length that has not
/// been held against the bytes that are really there. Source: the GGUF format document of the ggml project.
/// </summary>
internal static unsafe class GgufHeaderParser
{
    public const uint Magic = 0x46554747; // "GGUF"
    public const int FixedBytes = 4 + 4 + 8 + 8;
    public const string AlignmentKey = "general.alignment";

    /// <exception cref="GgufFormatException">Anything malformed.</exception>
    public static GgufHeader Parse(byte* start, long length, string file)
    {
        var reader = new GgufReader(start, length, file);
        uint version = ReadVersion(ref reader);
        int tensorCount = ReadCount(ref reader, "tensor count", GgufTensorParser.MinimumBytes, GgufLimits.MaxTensorCount);
        int metadataCount = ReadCount(ref reader, "metadata count", GgufMetadataParser.MinimumBytes, GgufLimits.MaxMetadataCount);

        GgufMetadata metadata = GgufMetadataParser.Parse(ref reader, metadataCount);
        int alignment = ReadAlignment(metadata, ref reader);
        OrderedDictionary<string, GgufTensor> tensors = GgufTensorParser.Parse(ref reader, tensorCount, alignment);
        return new GgufHeader(file, version, metadata, tensors, alignment);
    }

    private static uint ReadVersion(ref GgufReader reader)
    {
        if (reader.Length < FixedBytes)
            throw reader.Error($"not a GGUF file: {reader.Length} bytes are too few for a header", 0);
        if (reader.Read<uint>("magic") != Magic)
            throw reader.Error("not a GGUF file: it does not begin with \"GGUF\"", 0);
        uint version = reader.Read<uint>("version");
        if (version is 2 or 3)
            return version;
        throw reader.Error((version & 0xFFFF) == 0
            ? "GGUF file is big-endian, which is not supported"
            : $"GGUF version {version} is not supported (2 and 3 are)", 4);
    }

    private static int ReadCount(ref GgufReader reader, string what, int minimumBytes, int maximum)
    {
        long at = reader.Position;
        long count = reader.ReadCount(what, minimumBytes);
        if (count > maximum)
            throw reader.Error($"{what} is {count} (at most {maximum} are allowed)", at);
        return (int)count;
    }

    private static int ReadAlignment(GgufMetadata metadata, ref GgufReader reader)
    {
        if (!metadata.Contains(AlignmentKey))
            return GgufLimits.DefaultAlignment;
        int alignment = metadata.GetInt32(AlignmentKey);
        if (alignment < 8 || alignment > GgufLimits.MaxAlignment || (alignment & (alignment - 1)) != 0)
            throw reader.Error(
                $"{AlignmentKey} is {alignment}; it must be a power of two from 8 to {GgufLimits.MaxAlignment}",
                metadata.OffsetOf(AlignmentKey));
        return alignment;
    }
}
