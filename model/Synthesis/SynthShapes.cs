namespace Cluster.Model.Synthesis;

/// <summary>Shapes with names: those of published models, and a tiny one for tests.</summary>
public static class SynthShapes
{
    /// <summary>1.3 M parameters; every block format divides its rows.</summary>
    public static SynthShape Tiny { get; } = new()
    {
        Name = "tiny",
        LayerCount = 2,
        HiddenSize = 256,
        FeedForwardSize = 512,
        HeadCount = 8,
        KvHeadCount = 4,
        HeadDim = 32,
        VocabularySize = 320,
        ContextLength = 512,
    };

    public static IReadOnlyList<SynthShape> All { get; } =
    [
        Tiny,
        Published("tinyllama-1.1b", 22, 2048, 5632, (32, 4, 64), 32000, 2048, 10000),
        Published("llama-3.2-1b", 16, 2048, 8192, (32, 8, 64), 128256, 131072, 500000) with { TiedEmbeddings = true },
        Published("llama-2-7b", 32, 4096, 11008, (32, 32, 128), 32000, 4096, 10000),
        Published("7.2b", 32, 4096, 14336, (32, 8, 128), 32000, 32768, 10000),
        Published("qwen2.5-7b", 28, 3584, 18944, (28, 4, 128), 152064, 32768, 1e6f) with { QkvBiases = true },
        Published("llama-3-8b", 32, 4096, 14336, (32, 8, 128), 128256, 8192, 500000),
        Published("llama-3-70b", 80, 8192, 28672, (64, 8, 128), 128256, 8192, 500000),
    ];

    private static SynthShape Published(
        string name, int layers, int hidden, int feedForward, (int Query, int Kv, int Dim) heads, int vocabulary, int context, float ropeBase) => new()
        {
            Name = name,
            LayerCount = layers,
            HiddenSize = hidden,
            FeedForwardSize = feedForward,
            HeadCount = heads.Query,
            KvHeadCount = heads.Kv,
            HeadDim = heads.Dim,
            VocabularySize = vocabulary,
            ContextLength = context,
            RopeBase = ropeBase,
        };
}
