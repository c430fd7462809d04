using Cluster.Model.Gguf;

namespace Cluster.Model.Architecture;

/// <summary>Reads a model's hyper-parameters from its file and checks them against each other and against its tensors.</summary>
public static class ModelConfigReader
{
    internal const int MaxLayers = 1024;

    /// <exception cref="GgufFormatException">
    /// The architecture is not supported, a key is missing or out of range, or a tensor is missing or has another shape.
    /// </exception>
    public static ModelConfig Read(GgufFile file) => Read(file.Header);

    internal static ModelConfig Read(GgufHeader header)
    {
        var keys = new ModelKeys(header);
        if (!ArchitectureTraits.TryGet(keys.Architecture, out ArchitectureTraits? traits))
            throw keys.Error("general.architecture",
                $"{GgufFormatException.Quote(keys.Architecture)} is not supported (supported: {string.Join(", ", ArchitectureTraits.All.Select(a => a.Name))})");
        if (keys.Integer("expert_count", 0, 0, int.MaxValue) > 0)
            throw keys.Error(keys.Name("expert_count"), "mixture-of-experts models are not supported");

        int hidden = keys.Integer("embedding_length", 1, ModelKeys.MaxSize);
        int heads = keys.Integer("attention.head_count", 1, hidden);
        int kvHeads = keys.Integer("attention.head_count_kv", heads, 1, heads);
        if (heads % kvHeads != 0)
            throw keys.Error(keys.Name("attention.head_count_kv"), $"{heads} heads are not a multiple of {kvHeads} KV heads");
        int headDim = ReadHeadDim(keys, hidden, heads);
        int context = keys.Integer("context_length", 1, int.MaxValue);

        var config = new ModelConfig
        {
            Architecture = traits.Name,
            Name = keys.Metadata.TryGetString("general.name", out string? name) ? name : "",
            LayerCount = keys.Integer("block_count", 1, MaxLayers),
            HiddenSize = hidden,
            FeedForwardSize = keys.Integer("feed_forward_length", 1, ModelKeys.MaxSize),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadDim = headDim,
            VocabularySize = ReadVocabularySize(header, keys),
            ContextLength = context,
            NormEpsilon = keys.Number("attention.layer_norm_rms_epsilon", null, float.Epsilon, 1),
            Rope = RopeConfigReader.Read(keys, traits.RopeStyle, headDim, context),
            TiedEmbeddings = !header.TryGetTensor(TensorNames.Output, out _),
        };
        ModelTensorCheck.Validate(header, config);
        return config;
    }

    private static int ReadHeadDim(ModelKeys keys, int hidden, int heads)
    {
        if (!keys.Contains("attention.key_length") && hidden % heads != 0)
            throw keys.Error(keys.Name("attention.head_count"), $"hidden size {hidden} is not a multiple of {heads} heads");
        int headDim = keys.Integer("attention.key_length", hidden / heads, 1, ModelKeys.MaxSize / heads);
        int valueDim = keys.Integer("attention.value_length", headDim, 1, ModelKeys.MaxSize);
        if (valueDim != headDim)
            throw keys.Error(keys.Name("attention.value_length"), $"value heads of {valueDim} with key heads of {headDim} are not supported");
        return headDim;
    }

    // The token list is the vocabulary; a file without one may state the size, or leave it to the embedding.
    private static int ReadVocabularySize(GgufHeader header, ModelKeys keys)
    {
        if (keys.Metadata.ArrayLength("tokenizer.ggml.tokens") is int tokens and > 0)
            return tokens;
        if (keys.Contains("vocab_size"))
            return keys.Integer("vocab_size", 1, ModelKeys.MaxSize);
        long rows = header.GetTensor(TensorNames.TokenEmbedding).Rows;
        return rows <= ModelKeys.MaxSize
            ? (int)rows
            : throw new GgufFormatException($"vocabulary of {rows} tokens is not supported", header.File, tensor: TensorNames.TokenEmbedding);
    }
}
