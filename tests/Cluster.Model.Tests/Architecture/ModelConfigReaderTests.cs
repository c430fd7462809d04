using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.Architecture;

public class ModelConfigReaderTests
{
    [Fact]
    public void Reads_the_sample_model()
    {
        using GgufFile file = GgufFile.Open(ModelFiles.Sample);

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
            Rope = new RopeConfig
            {
                Base = 10000,
                DimensionCount = 64,
                Style = RopeStyle.Interleaved,
                OriginalContextLength = 2048,
            },
            TiedEmbeddings = true,
        }, config);
    }
}
