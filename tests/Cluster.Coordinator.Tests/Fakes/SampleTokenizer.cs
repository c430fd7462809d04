using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>The sample model's tokenizer.</summary>
internal static class SampleTokenizer
{
    public static Tokenizer Instance { get; } = Read();

    private static Tokenizer Read()
    {
        using var file = GgufFile.Open(RepositoryFiles.SampleModel);
        return TokenizerFactory.Create(file.Metadata);
    }
}
