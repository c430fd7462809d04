using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.Architecture;

public class ModelConfigReaderTests
{
    [Fact]
    public void Reads_the_sample_model()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.SampleModel);

        ModelConfig config = ModelConfigReader.Read(file);

        Assert.Equal(new ModelConfig
        {
            Architecture = "llama",
            Name = "Storyteller 29M",
            LayerCount = 8,
            HiddenSize = 512,
            FeedForwardSize = 1536,
            HeadCount = 8,
            KvHeadCount = 4,
            HeadDim = 64,
            VocabularySize = 8192,
            ContextLength = 2048,
            NormEpsilon = 1e-5f,
            Rope = new RopeConfig { Base = 10000, DimensionCount = 64, Style = RopeStyle.Interleaved, OriginalContextLength = 2048 },
            TiedEmbeddings = true,
        }, config);
        Assert.Equal((2, 512, 256), (config.QueryGroupSize, config.QuerySize, config.KvSize));
    }

    [Fact]
    public void Optional_keys_have_defaults()
    {
        var model = new TinyModel();
        model.Metadata.Remove("llama.attention.head_count_kv");
        foreach (int layer in new[] { 0, 1 })
            model.Tensors[$"blk.{layer}.attn_k.weight"] = model.Tensors[$"blk.{layer}.attn_v.weight"] = [24, 24];

        ModelConfig config = model.Read();

        Assert.Equal((6, 4, 50, ""), (config.KvHeadCount, config.HeadDim, config.VocabularySize, config.Name));
        Assert.False(config.TiedEmbeddings);
        Assert.Equal(new RopeConfig { Base = 10000, DimensionCount = 4, Style = RopeStyle.Interleaved, OriginalContextLength = 128 }, config.Rope);
    }

    [Fact]
    public void Given_keys_and_optional_tensors_are_used()
    {
        var model = new TinyModel();
        model.Metadata["llama.attention.key_length"] = 4u;
        model.Metadata["llama.rope.dimension_count"] = 2u;
        model.Metadata["llama.rope.freq_base"] = 500000f;
        model.Metadata["llama.rope.scaling.type"] = "yarn";
        model.Metadata["llama.rope.scaling.factor"] = 4f;
        model.Metadata["llama.rope.scaling.original_context_length"] = 32u;
        model.Metadata["tokenizer.ggml.tokens"] = Enumerable.Range(0, 50).Select(i => $"t{i}").ToArray();
        model.Metadata["llama.vocab_size"] = 49u; // the token list is the truth
        model.Tensors["rope_freqs.weight"] = [1];
        model.Tensors["blk.1.attn_q.bias"] = [24];
        model.Tensors["blk.0.ffn_down.bias"] = [24];
        model.Tensors["blk.0.attn_rot_embd.weight"] = [2]; // ignored, as everywhere
        model.Tensors.Remove("output.weight");

        ModelConfig config = model.Read();

        Assert.True(config.TiedEmbeddings);
        Assert.Equal(50, config.VocabularySize);
        Assert.Equal(
            new RopeConfig
            {
                Base = 500000,
                DimensionCount = 2,
                Style = RopeStyle.Interleaved,
                Scaling = RopeScaling.Yarn,
                ScalingFactor = 4,
                OriginalContextLength = 32,
            },
            config.Rope);
    }

    [Fact]
    public void The_old_key_for_linear_scaling_is_read()
    {
        var model = new TinyModel();
        model.Metadata["llama.rope.scale_linear"] = 2f;

        RopeConfig rope = model.Read().Rope;

        Assert.Equal((RopeScaling.Linear, 2f), (rope.Scaling, rope.ScalingFactor));
    }

    public static TheoryData<string, object?, string> WrongKeys() => new()
    {
        { "general.architecture", null, "metadata key 'general.architecture' is missing" },
        { "general.architecture", "fal\ncon", "general.architecture: 'fal\\u000acon' is not supported (supported: llama)" },
        { "llama.block_count", null, "metadata key 'llama.block_count' is missing" },
        { "llama.block_count", 0u, "llama.block_count: 0 is out of range (1 to 1024)" },
        { "llama.block_count", 3u, "tensor of shape [24] is missing" },
        { "llama.embedding_length", 1u << 30, "llama.embedding_length: 1073741824 is out of range (1 to 16777216)" },
        { "llama.embedding_length", "24", "metadata key 'llama.embedding_length' is not an integer" },
        { "llama.feed_forward_length", 48u, "expected shape [24, 48], found [24, 40]" },
        { "llama.attention.head_count", 5u, "llama.attention.head_count_kv: 5 heads are not a multiple of 2 KV heads" },
        { "llama.attention.head_count", 16u, "llama.attention.head_count: hidden size 24 is not a multiple of 16 heads" },
        { "llama.attention.head_count_kv", 7u, "llama.attention.head_count_kv: 7 is out of range (1 to 6)" },
        { "llama.attention.value_length", 8u, "llama.attention.value_length: value heads of 8 with key heads of 4 are not supported" },
        { "llama.attention.layer_norm_rms_epsilon", float.NaN, "llama.attention.layer_norm_rms_epsilon: NaN is out of range (1E-45 to 1)" },
        { "llama.context_length", -1, "llama.context_length: -1 is out of range (1 to 2147483647)" },
        { "llama.rope.dimension_count", 6u, "llama.rope.dimension_count: 6 is out of range (2 to 4)" },
        { "llama.rope.dimension_count", 3u, "llama.rope.dimension_count: 3 is odd" },
        { "llama.rope.freq_base", 0f, "llama.rope.freq_base: 0 is out of range (1.0001 to 1E+12)" },
        { "llama.rope.scaling.type", "longrope", "llama.rope.scaling.type: 'longrope' is not supported (none, linear, yarn are)" },
        { "llama.expert_count", 8u, "llama.expert_count: mixture-of-experts models are not supported" },
        { "llama.vocab_size", 60u, "expected shape [24, 60], found [24, 50]" },
    };

    [Theory]
    [MemberData(nameof(WrongKeys))]
    public void A_wrong_key_is_one_clear_line(string key, object? value, string problem)
    {
        var model = new TinyModel();
        model.Metadata.Remove(key);
        if (value is not null)
            model.Metadata[key] = value;

        Assert.Equal(problem, Assert.Throws<GgufFormatException>(model.Read).Problem);
    }

    [Fact]
    public void Wrong_tensors_are_named()
    {
        var missing = new TinyModel();
        missing.Tensors.Remove("blk.1.ffn_up.weight");
        Fails(missing, "tensor of shape [24, 40] is missing (tensor 'blk.1.ffn_up.weight')");

        var empty = new TinyModel();
        empty.Tensors.Clear();
        Fails(empty, "tensor is missing (tensor 'token_embd.weight')");

        var transposed = new TinyModel();
        transposed.Tensors["blk.0.attn_k.weight"] = [8, 24];
        Fails(transposed, "expected shape [24, 8], found [8, 24] (tensor 'blk.0.attn_k.weight', at offset ");

        var extra = new TinyModel();
        extra.Tensors["blk.0.attn_q_norm.weight"] = [4];
        Fails(extra, "unexpected tensor: not part of a llama model (tensor 'blk.0.attn_q_norm.weight', at offset ");
    }

    private static void Fails(TinyModel model, string message) => Assert.StartsWith(
        $"{GgufBytes.Name}: {message}", Assert.Throws<GgufFormatException>(model.Read).Message, StringComparison.Ordinal);
}
