using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;

namespace Cluster.Model.Synthesis;

/// <summary>Shape of a random-weight model of the <c>llama</c> architecture, for benchmarks and tests.</summary>
public sealed record SynthShape
{
    private const int MaxSize = 1 << 24;

    public required string Name { get; init; }

    public required int LayerCount { get; init; }

    public required int HiddenSize { get; init; }

    public required int FeedForwardSize { get; init; }

    public required int HeadCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadDim { get; init; }

    public required int VocabularySize { get; init; }

    public required int ContextLength { get; init; }

    public float RopeBase { get; init; } = 10000;

    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether query, key and value projections get biases.</summary>
    public bool QkvBiases { get; init; }

    /// <summary>
    /// Reads a shape: a name of <see cref="SynthShapes.All"/>, or numbers, or a name followed by numbers that replace its own:
    /// <c>tinyllama-1.1b,layers=4</c>. Numbers are layers, hidden, ffn, heads, kv-heads, head-dim, vocab and context; without a name
    /// the first four and vocab are needed.
    /// </summary>
    /// <param name="text">The shape.</param>
    /// <param name="shape">The result.</param>
    /// <param name="error">Why there is none: one line.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SynthShape? shape, [NotNullWhen(false)] out string? error) =>
        SynthShapeParser.TryParse(text, out shape, out error);

    /// <summary>Why no model of this shape can be made with these weights, in one line; null when it can.</summary>
    public string? Problem(WeightMix weights) => SizeProblem() ?? weights.Types.Select(BlockProblem).FirstOrDefault(problem => problem is not null);

    /// <summary>The configuration that a reader of the written file gets.</summary>
    public ModelConfig ToConfig() => new()
    {
        Architecture = "llama",
        Name = $"synth {Name}",
        LayerCount = LayerCount,
        HiddenSize = HiddenSize,
        FeedForwardSize = FeedForwardSize,
        HeadCount = HeadCount,
        KvHeadCount = KvHeadCount,
        HeadDim = HeadDim,
        VocabularySize = VocabularySize,
        ContextLength = ContextLength,
        NormEpsilon = 1e-5f,
        Rope = new RopeConfig
        {
            Base = RopeBase,
            DimensionCount = HeadDim,
            Style = ArchitectureTraits.Get("llama").RopeStyle,
            OriginalContextLength = ContextLength,
        },
        TiedEmbeddings = TiedEmbeddings,
    };

    private string? SizeProblem()
    {
        (string Name, int Value)[] sizes =
        [
            ("hidden", HiddenSize), ("ffn", FeedForwardSize), ("heads", HeadCount), ("kv-heads", KvHeadCount),
            ("head-dim", HeadDim), ("vocab", VocabularySize), ("context", ContextLength),
        ];
        if (LayerCount is < 1 or > ModelConfigReader.MaxLayers)
            return $"layers is {LayerCount}; it must be between 1 and {ModelConfigReader.MaxLayers}";
        foreach ((string name, int value) in sizes)
        {
            if (value is < 1 or > MaxSize)
                return string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be between 1 and {MaxSize}");
        }
        if (HeadCount % KvHeadCount != 0)
            return $"{HeadCount} heads are not a multiple of {KvHeadCount} KV heads";
        if (HeadDim % 2 != 0)
            return $"head-dim is {HeadDim}; rotary embedding needs an even one";
        if ((long)HeadCount * HeadDim > MaxSize)
            return $"{HeadCount} heads of {HeadDim} are too many";
        if (VocabularySize < SynthTokenizer.MinimumSize)
            return $"vocab is {VocabularySize}; a byte-level vocabulary has at least {SynthTokenizer.MinimumSize} tokens";
        return null;
    }

    private string? BlockProblem(TensorType weightType)
    {
        if (!TensorTraits.TryGet(weightType, out TensorTrait? trait))
            return new UnsupportedTensorTypeException(weightType).Message;
        foreach ((string name, int columns) in new[] { ("hidden", HiddenSize), ("heads × head-dim", HeadCount * HeadDim), ("ffn", FeedForwardSize) })
        {
            if (columns % trait.BlockSize != 0)
                return $"{name} is {columns}, which is not a multiple of the {trait.Name} block of {trait.BlockSize}";
        }
        return null;
    }
}
