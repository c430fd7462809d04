using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.KvCache.Files;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.KvCache.Files;

public sealed class KvCacheFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Random _random = new(11);

    [Theory]
    [InlineData(TensorType.F32, TensorType.F16, 0)]
    [InlineData(TensorType.BF16, TensorType.Q8_0, 0)]
    [InlineData(TensorType.Q8_0, TensorType.Q4_0, 1)]
    [InlineData(TensorType.Q5_1, TensorType.IQ4_NL, 2)]
    [InlineData(TensorType.Q4_1, TensorType.Q5_0, 0)]
    public void Rows_come_back_as_they_were_saved(TensorType keys, TensorType values, int edgeLayers)
    {
        var path = _directory.File("saved.kv");
        var header = SavedCaches.Header(_random, keys, values, edgeLayers: edgeLayers);
        var rows = SavedCaches.Save(path, header, _random);

        using var reader = KvCacheFileReader.Open(path);
        Assert.Null(reader.Header.Mismatch(header));
        Assert.Equal(header.Tokens.AsEnumerable(), reader.Header.Tokens.AsEnumerable());
        reader.Verify(default);
        Assert.Equal(rows, SavedCaches.Load(reader, KvCacheFileReader.BufferBytes));
        reader.Verify(default);
        Assert.Equal(rows, SavedCaches.Load(reader, 300));
    }

    [Fact]
    public void Rows_are_in_the_order_of_layer_head_part_token()
    {
        var path = _directory.File("saved.kv");
        var header = SavedCaches.Header(_random, tokens: 5);
        SavedCaches.Save(path, header, _random);

        using var reader = KvCacheFileReader.Open(path);
        var buffer = new byte[1000];
        var places = new List<(int, int, KvPart, int, int)>();
        while (reader.TryRead(buffer, out var rows)) places.Add((rows.Layer, rows.KvHead, rows.Part, rows.FirstToken, rows.Count));
        Assert.Equal(
            from layer in Enumerable.Range(0, 3)
            from head in Enumerable.Range(0, 2)
            from part in (KvPart[])[KvPart.Keys, KvPart.Values]
            select (layer, head, part, 0, 5), places);
    }

    [Fact]
    public void Every_cut_and_every_flipped_byte_is_refused()
    {
        var path = _directory.File("saved.kv");
        SavedCaches.Save(path, SavedCaches.Header(_random, tokens: 3), _random);
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 1 + i / 30)
        {
            AssertRefused(bytes[..i]);
            bytes[i] ^= (byte)(1 << _random.Next(8));
            AssertRefused(bytes);
            bytes = File.ReadAllBytes(path);
        }

        AssertRefused([.. bytes, 0]);
    }

    [Fact]
    public void A_damaged_head_is_named()
    {
        var path = _directory.File("saved.kv");
        SavedCaches.Save(path, SavedCaches.Header(_random), _random);
        var bytes = File.ReadAllBytes(path);
        bytes[^200] ^= 1;
        File.WriteAllBytes(path, bytes);

        using var reader = KvCacheFileReader.Open(path);
        var error = Assert.Throws<KvCacheFileException>(() => reader.Verify(default));
        Assert.Equal($"{path}: layer 2, KV head 1: the checksum differs, the file is damaged", error.Message);
    }

    [Fact]
    public void Heads_of_two_files_do_not_mix()
    {
        string first = _directory.File("first.kv"), second = _directory.File("second.kv");
        SavedCaches.Save(first, SavedCaches.Header(_random), _random);
        SavedCaches.Save(second, SavedCaches.Header(_random), _random);
        byte[] one = File.ReadAllBytes(first), other = File.ReadAllBytes(second);

        // Both have the same length, and each head with its checksum is sound where it was.
        AssertRefused([.. one[..(one.Length / 2)], .. other[(other.Length / 2)..]]);
    }

    [Fact]
    public void Another_model_and_another_format_are_told_apart()
    {
        var saved = SavedCaches.Header(_random);
        Assert.Contains("another model", saved.Mismatch(saved with { Model = saved.Model with { Length = 1 } }), StringComparison.Ordinal);
        Assert.Contains("SHA-256", saved.Mismatch(saved with { Model = saved.Model with { HeaderSha256 = new string('0', 64) } }), StringComparison.Ordinal);
        Assert.Contains("4 KV heads", (saved with { KvHeadCount = 4 }).Mismatch(saved), StringComparison.Ordinal);
        Assert.Equal(
            "it was saved as q8_0/q4_0, this cache is q8_0/q4_0 f16 in 1 edge layers: they differ in layer 0",
            saved.Mismatch(saved with { Format = saved.Format with { EdgeLayers = 1 } }));

        // Rotation of what is not quantized is no difference.
        var half = saved with { Format = new KvCacheFormat { KeyType = TensorType.F16, ValueType = TensorType.F16 } };
        Assert.Null(half.Mismatch(half with { Format = half.Format with { Rotation = false } }));
        Assert.NotNull(saved.Mismatch(saved with { Format = saved.Format with { Rotation = false } }));
    }

    [Fact]
    public void A_file_that_is_not_completed_leaves_the_old_one_and_nothing_else()
    {
        var path = _directory.File("saved.kv");
        File.WriteAllText(path, "old");
        using (var writer = KvCacheFileWriter.Create(path, SavedCaches.Header(_random))) writer.Append(new byte[3 * 68]);

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_disk_without_room_is_one_line_and_leaves_nothing()
    {
        // 8192 TiB: more than any file system takes.
        var huge = SavedCaches.Header(_random, TensorType.F32, TensorType.F32, tokens: 1 << 14) with { LayerCount = 1 << 12, KvHeadCount = 1 << 9, HeadDim = 1 << 16 };
        var error = Assert.Throws<KvCacheFileException>(() => KvCacheFileWriter.Create(_directory.File("huge.kv"), huge));
        Assert.StartsWith($"{_directory.File("huge.kv")}: it cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void What_is_no_file_is_one_line()
    {
        Assert.EndsWith(": no such file", Assert.Throws<KvCacheFileException>(() => KvCacheFileReader.Open(_directory.File("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<KvCacheFileException>(() => KvCacheFileReader.Open(_directory.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", Assert.Throws<KvCacheFileException>(
            () => KvCacheFileWriter.Create(_directory.File("no/such/folder"), SavedCaches.Header(_random))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private void AssertRefused(byte[] bytes)
    {
        var path = _directory.File("spoilt.kv");
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<KvCacheFileException>(() =>
        {
            using var reader = KvCacheFileReader.Open(path);
            reader.Verify(default);
        });
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
    }
}
