using System.Numerics.Tensors;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Synthesis;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.Synthesis;

public sealed class SynthModelWriterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public void A_model_of_every_type_reads_back(TensorType type)
    {
        SynthShape shape = SynthShapes.Tiny with { QkvBiases = type == TensorType.Q8_0, TiedEmbeddings = type == TensorType.F16 };
        using GgufFile file = GgufFile.Open(Write(shape, type, seed: 1));

        Assert.Equal(shape.ToConfig(), ModelConfigReader.Read(file));
        Assert.Equal(shape.QkvBiases, file.TryGetTensor("blk.1.attn_k.bias", out _));
        foreach (GgufTensor tensor in file.Tensors)
        {
            Assert.Equal(tensor.Dimensions.Length == 2 ? type : TensorType.F32, tensor.Type);
            float[] values = Decode(file, tensor);
            // Matrices keep the size of what they multiply, norm gains lie around 1.
            double expected = tensor.Dimensions.Length == 2 ? 1 / Math.Sqrt(tensor.Columns) : tensor.Name.EndsWith("bias", StringComparison.Ordinal) ? 0.05 : 1;
            Assert.InRange(TensorPrimitives.Norm<float>(values) / Math.Sqrt(values.Length), expected * 0.8, expected * 1.2);
        }
    }

    [Fact]
    public void Rows_differ_and_a_seed_means_one_file()
    {
        byte[] first = File.ReadAllBytes(Write(SynthShapes.Tiny, TensorType.Q4_0, seed: 7));
        byte[] again = File.ReadAllBytes(Write(SynthShapes.Tiny, TensorType.Q4_0, seed: 7));
        byte[] other = File.ReadAllBytes(Write(SynthShapes.Tiny, TensorType.Q4_0, seed: 8));

        Assert.True(first.AsSpan().SequenceEqual(again));
        Assert.False(first.AsSpan().SequenceEqual(other));
        GgufTensor tensor = GgufBytes.Parse(first).GetTensor("blk.0.ffn_up.weight");
        int rows = Enumerable.Range(0, (int)tensor.Rows)
            .Select(row => Convert.ToHexString(first, (int)(tensor.Offset + row * tensor.RowBytes), (int)tensor.RowBytes)).Distinct().Count();
        Assert.Equal(tensor.Rows, rows);
    }

    [Theory]
    [InlineData(257)]
    [InlineData(20_000)]
    public void The_vocabulary_has_every_byte_and_valid_merges(int size)
    {
        SynthShape shape = SynthShapes.Tiny with { VocabularySize = size, LayerCount = 1 };
        using GgufFile file = GgufFile.Open(Write(shape, TensorType.Q4_0, seed: 1));
        Assert.True(file.Metadata.TryGetStringArray("tokenizer.ggml.tokens", out IReadOnlyList<string>? tokens));
        Assert.True(file.Metadata.TryGetStringArray("tokenizer.ggml.merges", out IReadOnlyList<string>? merges));
        Assert.True(file.Metadata.TryGetInt32Array("tokenizer.ggml.token_type", out int[]? types));

        Assert.Equal((size, size), (tokens.Count, types.Length));
        var known = new HashSet<string>(tokens.Take(257));
        Assert.Equal(257, known.Count);
        Assert.Contains("Ġ", known); // the space
        Assert.Contains("Ċ", known); // the line feed
        Assert.Equal(size - 257, merges.Count);
        for (int i = 0; i < merges.Count; i++)
        {
            string[] parts = merges[i].Split(' ');
            Assert.All(parts, part => Assert.Contains(part, known));
            Assert.Equal(tokens[257 + i], string.Concat(parts));
            Assert.True(known.Add(tokens[257 + i]));
        }
    }

    [Fact]
    public void Progress_reaches_the_total()
    {
        var reports = new Reports(_ => { });
        string path = _directory.File("model.gguf");

        SynthModelWriter.Write(SynthShapes.Tiny, WeightMix.Of(TensorType.F32), path, 1, reports);

        using GgufFile file = GgufFile.Open(path);
        long total = file.Tensors.Sum(tensor => tensor.ByteCount);
        Assert.Equal(new SynthProgress(total, total), reports.Seen[^1]);
        Assert.True(reports.Seen.Count > 5);
        Assert.Equal(reports.Seen.OrderBy(report => report.BytesWritten), reports.Seen);
    }

    [Fact]
    public void A_failure_leaves_no_partial_file_and_keeps_the_old_one()
    {
        string path = _directory.File("model.gguf");
        File.WriteAllText(path, "old");
        var failing = new Reports(_ => throw new IOException("No space left on device"));

        Assert.Throws<IOException>(() => SynthModelWriter.Write(SynthShapes.Tiny, WeightMix.Of(TensorType.F32), path, 1, failing));

        Assert.Equal([path], Directory.GetFiles(_directory.Path));
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void A_model_larger_than_the_disk_is_refused_at_once()
    {
        string path = _directory.File("model.gguf");
        SynthShape shape = SynthShapes.All.Single(s => s.Name == "llama-3-70b") with { LayerCount = 1000 };

        var error = Assert.Throws<IOException>(() => SynthModelWriter.Write(shape, WeightMix.Of(TensorType.F32), path, 1));

        Assert.Matches(@"model\.gguf\.partial: the model needs [\d,]+ bytes, but only [\d,]+ are free on its disk$", error.Message);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void An_impossible_shape_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(
            () => SynthModelWriter.Write(SynthShapes.Tiny with { KvHeadCount = 3 }, WeightMix.Of(TensorType.Q4_0), _directory.File("model.gguf"), 1));

        Assert.Equal("8 heads are not a multiple of 3 KV heads", error.Message);
    }

    private string Write(SynthShape shape, TensorType type, int seed)
    {
        string path = _directory.File($"{Guid.NewGuid():N}.gguf");
        SynthModelWriter.Write(shape, WeightMix.Of(type), path, seed);
        return path;
    }

    private static float[] Decode(GgufFile file, GgufTensor tensor)
    {
        var values = new float[tensor.ElementCount];
        TensorTraits.Get(tensor.Type).Dequantize(file.Map(tensor, 0, (int)tensor.ByteCount), values);
        return values;
    }

    /// <summary>Reports on the caller's thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Reports(Action<SynthProgress> then) : IProgress<SynthProgress>
    {
        public List<SynthProgress> Seen { get; } = [];

        public void Report(SynthProgress value)
        {
            Seen.Add(value);
            then(value);
        }
    }
}
