using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Gguf;

public class GgufMetadataTests
{
    private static readonly GgufMetadata s_metadata = GgufBytes.Parse(GgufBytes.Write(writer =>
    {
        writer.AddMetadata("text", "hello");
        writer.AddMetadata("byte", (byte)7);
        writer.AddMetadata("long", -5L);
        writer.AddMetadata("wide", 1UL << 40);
        writer.AddMetadata("unsigned", 3_000_000_000u);
        writer.AddMetadata("single", 0.5f);
        writer.AddMetadata("double", 0.25);
        writer.AddMetadata("yes", true);
        writer.AddMetadata("words", new[] { "a", "b" });
        writer.AddMetadata("shorts", new short[] { -3, 4 });
        writer.AddMetadata("longs", new[] { 1L << 40 });
        writer.AddMetadata("doubles", new[] { 1.5, 2.5 });
    })).Metadata;

    [Fact]
    public void Integer_getters_take_every_width()
    {
        Assert.Equal(7, s_metadata.GetInt32("byte"));
        Assert.Equal(-5, s_metadata.GetInt32("long"));
        Assert.Equal(3_000_000_000u, s_metadata.GetUInt32("unsigned"));
        Assert.Equal(9, s_metadata.GetInt32("absent", 9));
        Assert.True(s_metadata.TryGetInt32Array("shorts", out int[]? shorts));
        Assert.Equal([-3, 4], shorts);
    }

    [Fact]
    public void Other_getters_convert_or_default()
    {
        Assert.Equal("hello", s_metadata.GetString("text"));
        Assert.Equal(0.5f, s_metadata.GetSingle("single"));
        Assert.Equal(0.25f, s_metadata.GetSingle("double"));
        Assert.Equal(7f, s_metadata.GetSingle("byte"));
        Assert.Equal(2f, s_metadata.GetSingle("absent", 2));
        Assert.True(s_metadata.GetBoolean("yes", false));
        Assert.True(s_metadata.GetBoolean("absent", true));
        Assert.True(s_metadata.TryGetSingleArray("doubles", out float[]? doubles));
        Assert.Equal([1.5f, 2.5f], doubles);
        Assert.True(s_metadata.TryGetStringArray("words", out IReadOnlyList<string>? words));
        Assert.Equal(["a", "b"], words);
        Assert.Equal(2, s_metadata.ArrayLength("words"));
        Assert.Null(s_metadata.ArrayLength("absent"));
        Assert.False(s_metadata.TryGetStringArray("absent", out _));
        Assert.False(s_metadata.TryGetString("absent", out _));
        Assert.Equal(GgufValueType.UInt8, s_metadata.TypeOf("byte"));
    }

    [Fact]
    public void A_value_of_another_kind_or_size_is_an_error_with_its_key()
    {
        Fails("metadata key 'absent' is missing", m => m.GetString("absent"));
        Fails("metadata key 'byte' is not a string", m => m.GetString("byte"));
        Fails("metadata key 'text' is not an integer", m => m.GetInt32("text", 1));
        Fails("metadata key 'wide' is 1099511627776, which does not fit a 32-bit integer", m => m.GetInt32("wide"));
        Fails("metadata key 'long' is -5, which does not fit a 32-bit unsigned integer", m => m.GetUInt32("long"));
        Fails("metadata key 'text' is not a number", m => m.GetSingle("text"));
        Fails("metadata key 'byte' is not a boolean", m => m.GetBoolean("byte", false));
        Fails("metadata key 'shorts' is not an array of strings", m => m.TryGetUtf8Array("shorts", out _));
        Fails("metadata key 'longs' is not an array of 32-bit integers", m => m.TryGetInt32Array("longs", out _));
        Fails("metadata key 'words' is not an array of numbers", m => m.TryGetSingleArray("words", out _));
        Fails("metadata key 'text' is not an array", m => m.ArrayLength("text"));
    }

    private static void Fails(string problem, Func<GgufMetadata, object?> get)
    {
        var error = Assert.Throws<GgufFormatException>(() => get(s_metadata));
        Assert.Equal(problem, error.Problem);
    }
}
