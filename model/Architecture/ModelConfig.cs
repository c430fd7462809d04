namespace Cluster.Model.Architecture;

/// <summary>Hyper-parameters of a decoder-only transformer. Sizes are elements. Read by <see cref="ModelConfigReader"/>.</summary>
public sealed record ModelConfig
{
    /// <summary>GGUF architecture name; see <see cref="ArchitectureTraits"/>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Display name from the file, or empty.</summary>
    public string Name { get; init; } = "";

    public required int LayerCount { get; init; }

    /// <summary>Width of the hidden states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gate and up projections.</summary>
    public required int FeedForwardSize { get; init; }

    /// <summary>Query heads; a multiple of <see cref="KvHeadCount"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>Elements of one head, the same for queries, keys and values.</summary>
    public required int HeadDim { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>ε under the root of RMSNorm.</summary>
    public required float NormEpsilon { get; init; }

    public required RopeConfig Rope { get; init; }

    /// <summary>Whether the LM head uses the token embedding's tensor, because the file has no <c>output.weight</c>.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>Query heads that share one KV head.</summary>
    public int QueryGroupSize => HeadCount / KvHeadCount;

    /// <summary>Rows of the query projection: all query heads.</summary>
    public int QuerySize => HeadCount * HeadDim;

    /// <summary>Rows of the key and of the value projection: all KV heads.</summary>
    public int KvSize => KvHeadCount * HeadDim;
}
