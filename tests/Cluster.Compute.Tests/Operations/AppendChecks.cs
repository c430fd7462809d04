using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What rows that devices append to their caches are held to.</summary>
internal static class AppendChecks
{
    private const int HeadDim = CacheRig.HeadDim;
    private const int KvHeads = CacheRig.KvHeads;

    public static void RowsAreAsNearAsTheHostMakesThem(IDevice device, TensorType type)
    {
        var (rows, appended) = Append(device, type, grams: null);
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

    public static void ValuesAreRoundedByWhatTheOutputMakesOfTheirErrors(IDevice device, TensorType type, int tokens)
    {
        var grams = new RandomGrams();
        var (rows, appended) = Append(device, type, grams, tokens);
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
    private static (byte[][] Rows, float[][] Appended) Append(IDevice device, TensorType type, IOutputGrams? grams, int tokens = 90)
    {
        using var cache = device.CreateKvCache(CacheRig.Shape(new KvLayerFormat(type, type, grams is null ? 32 : 0, grams is null ? 64 : 0)), grams);
        var appended = CacheRig.Append(device, cache, tokens);
        var (rows, values) = (new List<byte[]>(), new List<float[]>());
        for (var token = 0; token < tokens; token++)
        {
            for (var head = 0; head < KvHeads; head++)
            {
                rows.Add(CacheRig.Read(cache, 0, head, KvPart.Values, CacheRig.Table, token, 1));
                values.Add(appended.AsSpan(token * CacheRig.Attention.QkvWidth + (CacheRig.QueryHeads + KvHeads + head) * HeadDim, HeadDim).ToArray());
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
