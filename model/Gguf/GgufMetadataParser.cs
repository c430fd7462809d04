namespace Cluster.Model.Gguf;

/// <summary>Walks the key-value section once, checks every value, and keeps the section's bytes for decoding on demand.</summary>
internal static class GgufMetadataParser
{
    /// <summary>The smallest pair: a one-byte key with its length, a type, a one-byte value.</summary>
    public const int MinimumBytes = 8 + 1 + 4 + 1;

    public static GgufMetadata Parse(ref GgufReader reader, int count)
    {
        long sectionStart = reader.Position;
        var values = new OrderedDictionary<string, GgufValueLocation>();
        for (int i = 0; i < count; i++)
        {
            long at = reader.Position;
            string key = reader.ReadName("metadata key", GgufLimits.MaxKeyBytes);
            GgufValueType type = ReadType(ref reader, key);
            long valueOffset = reader.Position - sectionStart;
            if (reader.Position - sectionStart > GgufLimits.MaxMetadataBytes)
                throw reader.Error($"metadata is larger than {GgufLimits.MaxMetadataBytes} bytes", at);
            if (!values.TryAdd(key, new GgufValueLocation(type, (int)valueOffset)))
                throw reader.Error($"metadata key {GgufFormatException.Quote(key)} occurs twice", at);
            SkipValue(ref reader, type, key, 0);
        }
        long sectionBytes = reader.Position - sectionStart;
        if (sectionBytes > GgufLimits.MaxMetadataBytes)
            throw reader.Error($"metadata is larger than {GgufLimits.MaxMetadataBytes} bytes", sectionStart);
        byte[] section = GC.AllocateUninitializedArray<byte>((int)sectionBytes);
        reader.View(sectionStart, section.Length).CopyTo(section);
        return new GgufMetadata(reader.File, section, sectionStart, values);
    }

    private static void SkipValue(ref GgufReader reader, GgufValueType type, string key, int depth)
    {
        long at = reader.Position;
        switch (type)
        {
            case GgufValueType.Bool:
                if (reader.Read<byte>("a boolean") > 1)
                    throw reader.Error($"boolean value of key {GgufFormatException.Quote(key)} is neither 0 nor 1", at);
                break;
            case GgufValueType.String:
                reader.ReadStringBytes("a string value", GgufLimits.MaxMetadataBytes);
                break;
            case GgufValueType.Array:
                if (depth >= GgufLimits.MaxArrayDepth)
                    throw reader.Error($"arrays of key {GgufFormatException.Quote(key)} nest deeper than {GgufLimits.MaxArrayDepth}", at);
                SkipArray(ref reader, key, depth);
                break;
            default:
                reader.Skip(GgufValueCodec.ScalarBytes(type), "a value");
                break;
        }
    }

    private static void SkipArray(ref GgufReader reader, string key, int depth)
    {
        GgufValueType element = ReadType(ref reader, key);
        int scalarBytes = GgufValueCodec.ScalarBytes(element);
        if (scalarBytes > 0 && element != GgufValueType.Bool)
        {
            long scalars = reader.ReadCount("array length", scalarBytes);
            reader.Skip(scalars * scalarBytes, "an array");
            return;
        }
        long count = reader.ReadCount("array length", GgufValueCodec.MinimumBytes(element));
        if (element == GgufValueType.String)
        {
            reader.SkipStrings(count, "a string value");
            return;
        }
        for (long i = 0; i < count; i++)
            SkipValue(ref reader, element, key, depth + 1);
    }

    private static GgufValueType ReadType(ref GgufReader reader, string key)
    {
        long at = reader.Position;
        uint type = reader.Read<uint>("a value type");
        if (type > (uint)GgufValueType.Float64)
            throw reader.Error($"value of key {GgufFormatException.Quote(key)} has unknown type {type}", at);
        return (GgufValueType)type;
    }
}
