using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaCacheTests(CudaTestDevice cuda)
{
    private const int HeadDim = 64;
    private const int KvHeads = 2;
    private const int BlockTokens = 32;
    private const int BlockCount = 6;

    private static readonly int[] s_table = [4, 0, 5];

    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Rows_come_back_byte_for_byte_and_leave_others_alone(TensorType type)
    {
        using var cache = cuda.Device.CreateKvCache(Shape(new KvLayerFormat(TensorType.F16, type), new KvLayerFormat(type, TensorType.F32)));
        var bytes = (int)TensorTraits.Get(type).BytesFor(HeadDim);
        foreach (var (layer, part) in new[] { (0, KvPart.Values), (1, KvPart.Keys) })
        {
            var rows = new byte[KvHeads][];
            for (var head = 0; head < KvHeads; head++)
            {
                rows[head] = new byte[96 * bytes];
                new Random(61 + head).NextBytes(rows[head]);
                foreach (var (start, end) in new[] { (5, 70), (0, 5), (70, 71), (71, 96) })
                    cache.WriteRows(layer, head, part, s_table, start, end - start, rows[head].AsSpan(start * bytes, (end - start) * bytes));
            }

            for (var head = 0; head < KvHeads; head++)
            {
                Assert.Equal(rows[head], Read(cache, layer, head, part, 0, 96));
                Assert.Equal(rows[head][(37 * bytes)..(77 * bytes)], Read(cache, layer, head, part, 37, 40));
            }
        }

        cache.CopyBlock(4, 1);
        Assert.Equal(Read(cache, 0, 1, KvPart.Values, 0, BlockTokens), Read(cache, 0, 1, KvPart.Values, 0, BlockTokens, [1]));
    }

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Appended_rows_are_as_near_as_the_host_makes_them(TensorType type)
    {
        var (rows, appended) = Append(type, grams: null);
        var trait = TensorTraits.Get(type);
        var expected = new byte[trait.BytesFor(HeadDim)];
        var same = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            RowQuantizer.Quantize(trait, appended[i], expected, null);
            if (expected.AsSpan().SequenceEqual(rows[i])) same++;
            Assert.InRange(Error(trait, appended[i], rows[i]), 0, 1.0001 * Error(trait, appended[i], expected) + 1e-9);
        }

        // Sums in another order tip a trial over now and then.
        Assert.InRange(same, rows.Length * 98 / 100, rows.Length);
    }

    public static TheoryData<TensorType, int> RoundedTypesAndSteps()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var type in KvCacheFormat.Types.Where(RowQuantizer.Rounds))
        {
            data.Add(type, 90); // at once
            data.Add(type, 15); // behind the step
        }

        return data;
    }

    [CudaTheory]
    [MemberData(nameof(RoundedTypesAndSteps))]
    public void Values_are_rounded_by_what_the_output_makes_of_their_errors(TensorType type, int tokens)
    {
        var grams = new RandomGrams();
        var (rows, appended) = Append(type, grams, tokens);
        var trait = TensorTraits.Get(type);
        var (expected, gram) = (new byte[trait.BytesFor(HeadDim)], new float[HeadDim * HeadDim]);
        var (cost, hostCost, nearestCost) = (0d, 0d, 0d);
        for (var head = 0; head < KvHeads; head++)
        {
            grams.Compute(0, head, gram);
            using var weights = new OutputWeights(gram, HeadDim, 0);
            for (var i = head; i < rows.Length; i += KvHeads)
            {
                cost += Cost(trait, gram, appended[i], rows[i]);
                RowQuantizer.Quantize(trait, appended[i], expected, weights);
                hostCost += Cost(trait, gram, appended[i], expected);
                RowQuantizer.Quantize(trait, appended[i], expected, null);
                nearestCost += Cost(trait, gram, appended[i], expected);
            }
        }

        Assert.InRange(cost, 0, 1.02 * hostCost);
        Assert.InRange(cost, 0, 0.7 * nearestCost);
    }

    /// <summary>Values of a step as the cache keeps them and as they were.</summary>
    private (byte[][] Rows, float[][] Appended) Append(TensorType type, IOutputGrams? grams, int tokens = 90)
    {
        var shape = new AttentionShape(2, KvHeads, HeadDim, 1);
        using var cache = cuda.Device.CreateKvCache(Shape(new KvLayerFormat(type, type, grams is null ? 32 : 0, grams is null ? 64 : 0)), grams);
        using var buffer = cuda.Device.Buffer(RandomValues.Normal(67, tokens * shape.QkvWidth));
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceSpan(0, tokens, 0, 0, s_table.Length));
        foreach (var block in s_table) batch.BlockTable.Add(block);
        for (var i = 0; i < tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(i);
        }

        cuda.Device.BeginStep(batch, new RotaryTable([1, 0.1f], RopeStyle.Interleaved, 1));
        cuda.Device.RotateAndAppend(buffer, shape, cache, 0);
        cuda.Device.Synchronize();
        var appended = buffer.ToArray();
        var (rows, values) = (new List<byte[]>(), new List<float[]>());
        for (var token = 0; token < tokens; token++)
        {
            for (var head = 0; head < KvHeads; head++)
            {
                rows.Add(Read(cache, 0, head, KvPart.Values, token, 1));
                values.Add(appended.AsSpan(token * shape.QkvWidth + (2 + KvHeads + head) * HeadDim, HeadDim).ToArray());
            }
        }

        return ([.. rows], [.. values]);
    }

    private static double Error(TensorTrait trait, float[] row, byte[] blocks)
    {
        var decoded = new float[row.Length];
        trait.Dequantize(blocks, decoded);
        return row.Zip(decoded, (x, y) => ((double)x - y) * (x - y)).Sum();
    }

    private static double Cost(TensorTrait trait, float[] gram, float[] row, byte[] blocks)
    {
        var decoded = new float[HeadDim];
        trait.Dequantize(blocks, decoded);
        var cost = 0d;
        for (var i = 0; i < HeadDim; i++)
        {
            for (var j = 0; j < HeadDim; j++) cost += ((double)decoded[i] - row[i]) * gram[i * HeadDim + j] * ((double)decoded[j] - row[j]);
        }

        return cost;
    }

    private static KvCacheShape Shape(params ReadOnlySpan<KvLayerFormat> layers) =>
        new() { Layers = [.. layers], KvHeadCount = KvHeads, HeadDim = HeadDim, BlockTokens = BlockTokens, BlockCount = BlockCount };

    private static byte[] Read(KvCacheShard cache, int layer, int head, KvPart part, int first, int count, int[]? table = null)
    {
        var rows = new byte[count * cache.Shape.RowBytes(layer, part)];
        cache.ReadRows(layer, head, part, table ?? s_table, first, count, rows);
        return rows;
    }

    /// <summary>Of few directions that matter, as projections have.</summary>
    private sealed class RandomGrams : IOutputGrams
    {
        public void Compute(int layer, int kvHead, Span<float> gram)
        {
            gram.Clear();
            for (var row = 0; row < HeadDim / 2; row++)
            {
                var w = RandomValues.Normal(100 + 1000 * kvHead + row, HeadDim);
                for (var i = 0; i < HeadDim; i++)
                {
                    for (var j = 0; j < HeadDim; j++) gram[i * HeadDim + j] += w[i] * w[j];
                }
            }
        }
    }
}
