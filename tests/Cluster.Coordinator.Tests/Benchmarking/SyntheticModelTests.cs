using Cluster.Coordinator.Benchmarking;
using Cluster.Model.Formats;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Tests.Benchmarking;

public sealed class SyntheticModelTests
{
    [Fact]
    public void Shape_type_and_context_have_files_of_their_own()
    {
        var (tiny, q4) = (SynthShapes.Tiny, WeightMix.Of(TensorType.Q4_0));
        SyntheticModel[] models = [new(tiny, q4, 0), new(tiny, WeightMix.Q4_K_M, 0), new(tiny with { Name = "tiny, layers=4" }, q4, 0), new(tiny, q4, 1 << 18)];

        Assert.Equal(models.Length, models.Select(model => model.Path).Distinct().Count());
        Assert.Equal(models[0].Path, new SyntheticModel(tiny, q4, 4096).Path);
        Assert.Equal(["tiny-q4_0.gguf", "tiny-q4_k_m.gguf", "tiny,layers=4-q4_0.gguf", "tiny-q4_0.gguf"], models.Select(model => Path.GetFileName(model.Path)));
    }
}
