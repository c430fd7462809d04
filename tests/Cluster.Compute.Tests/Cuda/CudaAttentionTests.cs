using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Attention;
using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Gpu;
using Cluster.Compute.Tests.Cpu.Attention;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaAttentionTests(CudaTestDevice cuda)
{
    private const double Bound = AttentionChecks.TensorCoreBound;

    public static TheoryData<TensorType, TensorType, bool, int> TypePairs => AttentionTests.TypePairs;

    /// <summary>Kernels of all pairs, compiled on all cores before the first of them is asked for.</summary>
    private static readonly Lazy<bool> s_compiled = new(Compile);

    [CudaTheory]
    [MemberData(nameof(TypePairs))]
    public void Every_pair_of_types_matches_on_prefill_and_decode(TensorType keys, TensorType values, bool rotation, int headDim)
    {
        Assert.True(s_compiled.Value);
        var bound = TensorTraits.Get(keys).IsQuantized || TensorTraits.Get(values).IsQuantized ? Bound : AttentionChecks.GpuBound;
        AttentionChecks.PrefillAndDecodeMatch(cuda.Device, keys, values, rotation, headDim, bound);
    }

    [CudaTheory]
    [InlineData(3, 3, 32)]
    [InlineData(4, 2, 64)]
    [InlineData(4, 1, 128)]
    [InlineData(7, 1, 32)]
    [InlineData(14, 2, 64)]
    [InlineData(80, 1, 32)] // more query heads on a KV head than a block has rows
    [InlineData(6, 2, 256)]
    public void Every_group_size_matches(int heads, int kvHeads, int headDim)
    {
        foreach (var (keys, values) in new[] { (TensorType.F16, TensorType.F16), (TensorType.Q8_0, TensorType.Q4_0) })
            AttentionChecks.HeadsMatch(cuda.Device, heads, kvHeads, headDim, AttentionChecks.Rotated(keys, values), Bound);
    }

    [CudaTheory]
    [InlineData(8, TensorType.F32, TensorType.F16)]
    [InlineData(8, TensorType.F16, TensorType.F32)]
    [InlineData(80, TensorType.F16, TensorType.BF16)]
    public void Heads_that_blocks_do_not_divide_match(int headDim, TensorType keys, TensorType values) =>
        AttentionChecks.HeadsMatch(cuda.Device, 6, 2, headDim, new KvLayerFormat(keys, values), Bound);

    [CudaTheory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(48)]
    public void Long_contexts_split_over_blocks_match(int blockTokens) =>
        AttentionChecks.ALongContextMatches(cuda.Device, 32, blockTokens, prompt: 2500, Bound);

    [CudaFact]
    public void What_an_earlier_sequence_left_in_a_block_is_not_seen()
    {
        foreach (var type in KvCacheFormat.Types) AttentionChecks.WhatAnEarlierSequenceLeftInABlockIsNotSeen(cuda.Device, type, type);
    }

    [CudaTheory]
    [InlineData(30f)]
    [InlineData(3000f)]
    public void Scores_far_apart_neither_overflow_nor_vanish(float deviation)
    {
        foreach (var type in KvCacheFormat.Types) AttentionChecks.ScoresFarApartNeitherOverflowNorVanish(cuda.Device, type, type, deviation);
    }

    private static bool Compile()
    {
        var compiler = new KernelCompiler(CudaDeviceInfo.Of(0).Architecture, new KernelCache(KernelCache.DefaultFolder));
        Parallel.ForEach(TypePairs.Select(pair => (Format: new KvLayerFormat((TensorType)pair[0], (TensorType)pair[1]), HeadDim: (int)pair[3])).Distinct(), pair =>
        {
            compiler.Compile(CacheKernels.AppendProgram(pair.Format, pair.HeadDim, 32));
            compiler.Compile(CacheKernels.RowsProgram(pair.Format, pair.HeadDim, 32));
            compiler.Compile(CacheKernels.AttentionProgram(pair.Format, pair.HeadDim, 32, AttentionChecks.PairHeads, 1));
            if (CacheKernels.TakesDecode(pair.Format, pair.HeadDim, 32))
                compiler.Compile(CacheKernels.DecodeProgram(pair.Format, pair.HeadDim, 32, AttentionChecks.PairHeads));
            if (CacheKernels.TakesPrompt(pair.Format, pair.HeadDim))
                compiler.Compile(CacheKernels.PromptProgram(pair.Format, pair.HeadDim, 32, AttentionChecks.PairHeads));
        });
        return true;
    }
}
