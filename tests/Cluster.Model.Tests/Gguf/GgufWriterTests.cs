using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Gguf;

public class GgufWriterTests
{
    public static TheoryData<object> Values() =>
    [
        (byte)200, (sbyte)-100, (ushort)60_000, (short)-30_000, 4_000_000_000u, -2_000_000_000, 1.5f, true, "text – ünïcode",
        ulong.MaxValue, long.MinValue, Math.PI, new byte[] { 0, 255 }, new sbyte[] { -128, 127 }, new ushort[] { 1, 65535 },
        new short[] { -1, 1 }, new uint[] { 0, uint.MaxValue }, new[] { int.MinValue, 7 }, new[] { 0.25f, float.NaN },
        new[] { true, false, true }, new[] { ulong.MaxValue }, new[] { long.MaxValue }, new[] { double.Epsilon }, Array.Empty<int>(),
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void Metadata_of_every_type_survives(object value)
    {
        byte[] file = GgufBytes.Write(writer =>
        {
            writer.AddMetadata("before", 1);
            writer.AddMetadata("key", value);
            writer.AddMetadata("after", "end");
        });

        GgufMetadata metadata = GgufBytes.Parse(file).Metadata;

        Assert.Equal(["before", "key", "after"], metadata.Keys);
        object read = metadata.Entries.ElementAt(1).Value;
        Assert.IsType(value.GetType(), read);
        Assert.Equal(value, read);
        Assert.Equal("end", metadata.GetString("after"));
    }

    [Fact]
    public void Strings_and_nested_arrays_survive()
    {
        string[] strings = ["", "a", "日本語", new string('x', 1000)];
        byte[] file = GgufBytes.Write(writer =>
        {
            writer.AddMetadata("strings", strings);
            writer.AddMetadata("nested", new object[] { new[] { 1, 2 }, strings, Array.Empty<object>(), new[] { new[] { 3f } } });
        });

        Dictionary<string, object> entries = GgufBytes.Parse(file).Metadata.Entries.ToDictionary();

        Assert.Equal(strings, (GgufStringArray)entries["strings"]);
        var nested = (object[])entries["nested"];
        Assert.Equal([1, 2], (int[])nested[0]);
        Assert.Equal(strings, (GgufStringArray)nested[1]);
        Assert.Empty((object[])nested[2]);
        Assert.Equal([3f], (float[])((object[])nested[3])[0]);
    }

    [Fact]
    public void Strings_that_are_not_text_are_copied_byte_for_byte()
    {
        byte[] first = new RawGguf(metadataCount: 1).Key("k", 9).UInt32(8).UInt64(2)
            .UInt64(3).Byte(0xFF).Byte(0).Byte(0xC0).String("ok").ToArray();
        Assert.True(GgufBytes.Parse(first).Metadata.TryGetUtf8Array("k", out GgufStringArray? strings));

        byte[] second = GgufBytes.Write(writer => writer.AddMetadata("k", strings));

        Assert.Equal([0xFF, 0, 0xC0], strings.Utf8(0).ToArray());
        Assert.Equal("\uFFFD\0\uFFFD", strings[0]);
        Assert.Equal(first, second[..first.Length]);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    public void Tensors_written_in_pieces_are_found_again(int alignment)
    {
        using var stream = new MemoryStream();
        var writer = new GgufWriter(stream, alignment);
        writer.AddTensor("first", TensorType.Q6_K, 256, 3);
        writer.AddTensor("second", TensorType.F32, 5);
        writer.AddTensor("third", TensorType.Q8_0, 64, 2, 2);
        var random = new Random(alignment);
        var data = new Dictionary<string, byte[]>();
        foreach (GgufTensor tensor in writer.Tensors)
        {
            byte[] bytes = data[tensor.Name] = new byte[tensor.ByteCount];
            random.NextBytes(bytes);
            for (int start = 0, count; start < bytes.Length; start += count)
            {
                count = Math.Min(1 + random.Next(100), bytes.Length - start);
                writer.WriteData(bytes.AsSpan(start, count));
            }
        }
        writer.Complete();

        byte[] file = stream.ToArray();
        GgufHeader header = GgufBytes.Parse(file);

        Assert.Equal(alignment, header.Alignment);
        Assert.Equal([64L, 2, 2], header.GetTensor("third").Dimensions.ToArray());
        Assert.Equal((64L, 4L, 68L), (header.GetTensor("third").Columns, header.GetTensor("third").Rows, header.GetTensor("third").RowBytes));
        foreach (GgufTensor tensor in header.Tensors)
        {
            Assert.Equal(0, tensor.Offset % alignment);
            Assert.Equal(data[tensor.Name], file.AsSpan((int)tensor.Offset, (int)tensor.ByteCount).ToArray());
        }
    }

    [Fact]
    public void A_copied_file_is_the_same_file()
    {
        using GgufFile original = GgufFile.Open(RepositoryFiles.SampleModel);
        using var copy = new MemoryStream();
        var writer = new GgufWriter(copy, original.Alignment);
        foreach ((string key, object value) in original.Metadata.Entries)
            writer.AddMetadata(key, value);
        foreach (GgufTensor tensor in original.Tensors)
            writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions.AsSpan());
        foreach (GgufTensor tensor in original.Tensors)
            writer.WriteData(original.Map(tensor, 0, (int)tensor.ByteCount));
        writer.Complete();

        Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).SequenceEqual(File.ReadAllBytes(RepositoryFiles.SampleModel)));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var writer = new GgufWriter(new MemoryStream());
        writer.AddMetadata("key", 1);
        writer.AddTensor("a", TensorType.Q4_0, 32);

        Assert.Throws<ArgumentException>(() => writer.AddMetadata("key", 2));
        Assert.Throws<ArgumentException>(() => writer.AddMetadata("", 2));
        Assert.Throws<ArgumentException>(() => writer.AddMetadata("decimal", 1m));
        Assert.Throws<ArgumentException>(() => writer.AddMetadata("general.alignment", 64u));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("a", TensorType.F32, 1));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", TensorType.Q4_0, 33));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("c", TensorType.F32, 4, -1, -1));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("d", TensorType.F32));
        Assert.Throws<UnsupportedTensorTypeException>(() => writer.AddTensor("e", TensorType.IQ1_S, 256));
        Assert.Throws<ArgumentException>(() => writer.WriteData(new byte[19]));
        writer.WriteData(new byte[17]);
        Assert.Throws<InvalidOperationException>(writer.Complete);
        Assert.Throws<InvalidOperationException>(() => writer.AddMetadata("late", 1));
        writer.WriteData(new byte[1]);
        Assert.Throws<ArgumentException>(() => writer.WriteData(new byte[1]));
        writer.Complete();
        Assert.Throws<ArgumentOutOfRangeException>(() => new GgufWriter(new MemoryStream(), 48));
    }
}
