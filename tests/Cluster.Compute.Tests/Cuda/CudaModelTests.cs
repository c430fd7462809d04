using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>Whole models on the device, alone and beside the CPU.</summary>
[Collection(CudaGroup.Name)]
public class CudaModelTests
{
    [CudaTheory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 2, 2)]
    public void The_sample_model_says_what_it_says_on_the_CPU(int tensorParallel, int pipeline, int cudaRanks) =>
        ModelChecks.TheSampleModelSaysWhatItSaysOnTheCpu(First(cudaRanks), tensorParallel, pipeline);

    [CudaTheory]
    [InlineData(TensorType.Q8_0, TensorType.IQ4_NL)]
    [InlineData(TensorType.Q8_0, TensorType.Q4_0)]
    public void A_quantized_cache_stays_near(TensorType keys, TensorType values) =>
        ModelChecks.AQuantizedCacheStaysNear(First(1), keys, values);

    [CudaTheory(ModelChecks.Stories, ModelChecks.GoldenStories)]
    [InlineData(1, 1, 1, TensorType.F32)]
    [InlineData(2, 1, 1, TensorType.F32)]
    [InlineData(1, 2, 1, TensorType.F16)]
    public void Golden_tokens_of_a_model_with_heads_of_8(int tensorParallel, int pipeline, int cudaRanks, TensorType cacheType) =>
        ModelChecks.GoldenTokensOfAModelWithHeadsOf8(First(cudaRanks), tensorParallel, pipeline, cacheType);

    /// <summary>The first ranks on CUDA, the others on the CPU.</summary>
    private static Func<int, IDevice> First(int ranks) => rank => rank < ranks ? CudaTestDevice.Open() : TestDevices.Open(1);
}
