using Cluster.Coordinator.Engine;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Models;

/// <summary>How a model's hidden states become vectors of texts.</summary>
internal static class PoolingChoice
{
    // As GGUF numbers them; 0 is none, 4 is for models that rank.
    private static readonly Dictionary<int, Pooling> s_types = new() { [1] = Pooling.Mean, [2] = Pooling.Cls, [3] = Pooling.Last };

    /// <summary>The given one, else what the model's file says, else the mean: models that only write texts say nothing.</summary>
    public static Pooling Make(Pooling? option, GgufMetadata metadata, string architecture) =>
        option ?? (metadata.TryGetInt32($"{architecture}.pooling_type", out var type) && s_types.TryGetValue(type, out var own) ? own : Pooling.Mean);
}
