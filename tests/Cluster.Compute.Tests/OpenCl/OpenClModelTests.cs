using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.OpenCl;

/// <summary>Whole models on the device, alone and beside the CPU.</summary>
[Collection(OpenClGroup.Name)]
public class OpenClModelTests
{
    [OpenClTheory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    public void The_sample_model_says_what_it_says_on_the_CPU(int tensorParallel, int pipeline, int openClRanks) =>
        ModelChecks.TheSampleModelSaysWhatItSaysOnTheCpu(First(openClRanks), tensorParallel, pipeline);

    [OpenClFact]
    public void A_quantized_cache_stays_near() =>
        ModelChecks.AQuantizedCacheStaysNear(First(1), TensorType.Q8_0, TensorType.IQ4_NL);

    [OpenClTheory(ModelChecks.Stories, ModelChecks.GoldenStories)]
    [InlineData(1, 1, 1, TensorType.F32)]
    [InlineData(2, 1, 1, TensorType.F32)]
    [InlineData(1, 2, 1, TensorType.F16)]
    public void Golden_tokens_of_a_model_with_heads_of_8(int tensorParallel, int pipeline, int openClRanks, TensorType cacheType) =>
        ModelChecks.GoldenTokensOfAModelWithHeadsOf8(First(openClRanks), tensorParallel, pipeline, cacheType);

    /// <summary>The first ranks on OpenCL, the others on the CPU.</summary>
    private static Func<int, IDevice> First(int ranks) => rank => rank < ranks ? OpenClTestDevice.Open() : TestDevices.Open(1);
}
