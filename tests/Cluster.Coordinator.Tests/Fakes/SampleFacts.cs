using Cluster.Coordinator.Planning;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>What planning needs to know of the sample model.</summary>
internal static class SampleFacts
{
    public static ModelFacts Instance { get; } = Read();

    private static ModelFacts Read()
    {
        using var file = GgufFile.Open(RepositoryFiles.SampleModel);
        return new ModelFacts(ModelConfigReader.Read(file), file.Tensors);
    }
}
