using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaRotationTests(CudaTestDevice cuda)
{
    [CudaTheory]
    [InlineData(RopeStyle.Interleaved, 64, 32, 0)]
    [InlineData(RopeStyle.HalfSplit, 64, 32, 0)]
    [InlineData(RopeStyle.Interleaved, 64, 5, 3)]
    [InlineData(RopeStyle.HalfSplit, 80, 10, 100)]
    [InlineData(RopeStyle.Interleaved, 8, 4, 17)]
    [InlineData(RopeStyle.HalfSplit, 8, 4, 131_071)]
    [InlineData(RopeStyle.Interleaved, 128, 64, 999_960)]
    [InlineData(RopeStyle.HalfSplit, 128, 64, 999_960)]
    public void Both_styles_match_the_reference_at_any_position(RopeStyle style, int headDim, int pairs, int start)
    {
        const int Tokens = 40;
        var shape = new AttentionShape(6, 2, headDim, 1);
        var frequencies = Enumerable.Range(0, pairs).Select(i => MathF.Pow(500_000, -(float)i / pairs)).ToArray();
        var rotary = new RotaryTable(frequencies, style, 1.1f);
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceSpan(0, Tokens, start, 0, (start + Tokens + 15) / 16));
        for (var i = 0; i < Tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(start + i);
        }

        // Every position shares one block: only rotation is looked at here.
        batch.BlockTable.Append((start + Tokens + 15) / 16).Clear();
        var cacheShape = new KvCacheShape
        {
            Layers = [new KvLayerFormat(TensorType.F32, TensorType.F32)],
            KvHeadCount = 2,
            HeadDim = headDim,
            BlockTokens = 16,
            BlockCount = 1,
        };
        var qkv = RandomValues.Normal(41, Tokens * shape.QkvWidth);
        using var cache = cuda.Device.CreateKvCache(cacheShape);
        using var buffer = cuda.Device.Buffer(qkv);
        cuda.Device.BeginStep(batch, rotary);
        cuda.Device.RotateAndAppend(buffer, shape, cache, 0);

        ReferenceAttention.Rotate(qkv, shape, batch, rotary, cacheShape.Layers[0]);
        Assert.InRange(Difference.Largest(qkv, buffer.ToArray()), 0, 5e-7);
    }
}
