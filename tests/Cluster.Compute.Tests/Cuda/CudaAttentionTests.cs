using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Attention;
using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Gpu;
using Cluster.Compute.Tests.Cpu.Attention;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaAttentionTests(CudaTestDevice cuda)
{
    /// <summary>Against a reference that keeps the same rounded keys and values in f64: what is left is f32 arithmetic.</summary>
    private const double Bound = 1e-10;

    /// <summary>Query heads on one KV head.</summary>
    private const int Heads = 5;

    public static TheoryData<TensorType, TensorType, bool, int> TypePairs => AttentionTests.TypePairs;

    /// <summary>Kernels of all pairs, compiled on all cores before the first of them is asked for.</summary>
    private static readonly Lazy<bool> s_compiled = new(Compile);

    [CudaTheory]
    [MemberData(nameof(TypePairs))]
    public void Every_pair_of_types_matches_on_prefill_and_decode(TensorType keys, TensorType values, bool rotation, int headDim)
    {
        Assert.True(s_compiled.Value);
        var format = new KvCacheFormat { KeyType = keys, ValueType = values, Rotation = rotation }.Layer(0, 1, headDim);
        using var rig = new AttentionRig(AttentionRig.Shape(Heads, 1, headDim), format, threads: 1, device: cuda.Device);
        Assert.InRange(rig.Step((0, 45)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
        Assert.InRange(rig.Step((0, 60)), 0, Bound);
        Assert.InRange(rig.Step((0, 1), (1, 20)), 0, Bound);
        Assert.InRange(rig.Step((1, 1), (0, 1)), 0, Bound);
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
        {
            using var rig = new AttentionRig(
                AttentionRig.Shape(heads, kvHeads, headDim), new KvLayerFormat(keys, values, Rotation(keys), Rotation(values)), threads: 1,
                device: cuda.Device);
            Assert.InRange(rig.Step((0, 21)), 0, Bound);
            Assert.InRange(rig.Step((0, 1)), 0, Bound);
        }
    }

    [CudaTheory]
    [InlineData(8, TensorType.F32, TensorType.F16)]
    [InlineData(8, TensorType.F16, TensorType.F32)]
    [InlineData(80, TensorType.F16, TensorType.BF16)]
    public void Heads_that_blocks_do_not_divide_match(int headDim, TensorType keys, TensorType values)
    {
        using var rig = new AttentionRig(AttentionRig.Shape(6, 2, headDim), new KvLayerFormat(keys, values), threads: 1, device: cuda.Device);
        Assert.InRange(rig.Step((0, 70)), 0, Bound);
        Assert.InRange(rig.Step((0, 3)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
    }

    [CudaTheory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(48)]
    public void Long_contexts_split_over_blocks_match(int blockTokens)
    {
        using var rig = new AttentionRig(
            AttentionRig.Shape(3, 1, 32), new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0, 32, 32), threads: 1, blockTokens,
            blockCount: 4800 / blockTokens, cuda.Device);
        Assert.InRange(rig.Step((0, 2500)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
        Assert.InRange(rig.Step((1, 8), (0, 5)), 0, Bound);
        Assert.InRange(rig.Step((0, 1), (1, 1)), 0, Bound);
    }

    [CudaFact]
    public void What_an_earlier_sequence_left_in_a_block_is_not_seen()
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        var qkv = RandomValues.Normal(29, 20 * shape.QkvWidth);
        foreach (var type in KvCacheFormat.Types)
        {
            using var fresh = new AttentionRig(shape, new KvLayerFormat(type, type), threads: 1, blockCount: 2, device: cuda.Device);
            using var used = new AttentionRig(shape, new KvLayerFormat(type, type), threads: 1, blockCount: 2, device: cuda.Device);
            used.Step(RandomValues.Normal(30, 64 * shape.QkvWidth, 60_000), (0, 64)); // f16's infinities included
            used.End(0);
            Assert.Equal(fresh.Step(qkv, (1, 20)), used.Step(qkv, (1, 20)));
        }
    }

    [CudaTheory]
    [InlineData(30f)]
    [InlineData(3000f)]
    public void Scores_far_apart_neither_overflow_nor_vanish(float deviation)
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        foreach (var type in KvCacheFormat.Types)
        {
            using var rig = new AttentionRig(shape, new KvLayerFormat(type, type), threads: 1, device: cuda.Device);
            Assert.DoesNotContain(rig.Step(RandomValues.Normal(31, 90 * shape.QkvWidth, deviation), (0, 90)), float.IsNaN);
        }
    }

    private static bool Compile()
    {
        var compiler = new KernelCompiler(CudaDeviceInfo.Of(0).Architecture, new KernelCache(KernelCache.DefaultFolder));
        Parallel.ForEach(TypePairs.Select(pair => (Format: new KvLayerFormat((TensorType)pair[0], (TensorType)pair[1]), HeadDim: (int)pair[3])).Distinct(), pair =>
        {
            compiler.Compile(CacheKernels.AppendProgram(pair.Format, pair.HeadDim, 32));
            compiler.Compile(CacheKernels.RowsProgram(pair.Format, pair.HeadDim, 32));
            compiler.Compile(CacheKernels.AttentionProgram(pair.Format, pair.HeadDim, 32, Heads, 1));
        });
        return true;
    }

    /// <summary>As quantized types have it, smaller than the heads of most tests.</summary>
    private static int Rotation(TensorType type) => TensorTraits.Get(type).BlockSize > 1 ? 32 : 0;
}
