using Cluster.Coordinator.Models;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Planning;

/// <summary>What a plan depends on of a model.</summary>
/// <param name="Config">Its shape.</param>
/// <param name="Tensors">Its tensors, whose formats decide sizes and cuts.</param>
internal sealed record ModelFacts(ModelConfig Config, IReadOnlyList<GgufTensor> Tensors)
{
    public static ModelFacts Of(ServedModel model) => new(model.Config, model.File.Tensors);
}
