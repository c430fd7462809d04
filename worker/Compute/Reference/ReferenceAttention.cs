using Cluster.Compute.Devices;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Reference;

/// <summary>Defines <see cref="IDevice.RotateAndAppend"/> and <see cref="IDevice.Attention"/>.</summary>
internal static class ReferenceAttention
{
    /// <summary>Rotates the queries of <paramref name="qkv"/> in place; its keys, rotated, and values go to the cache.</summary>
    public static void RotateAndAppend(
        float[] qkv, AttentionShape shape, StepBatch batch, RotaryTable rotary, ReferenceKvCache cache, int layer)
    {
        foreach (var sequence in batch.Sequences.Span)
        {
            for (var t = 0; t < sequence.TokenCount; t++)
            {
                var row = qkv.AsSpan((sequence.FirstToken + t) * shape.QkvWidth, shape.QkvWidth);
                var position = sequence.StartPosition + t;
                for (var head = 0; head < shape.HeadCount + shape.KvHeadCount; head++) // queries, then keys
                    Rotate(row.Slice(head * shape.HeadDim, shape.HeadDim), position, rotary);
                var (block, slot) = Place(batch, sequence, position, cache);
                for (var head = 0; head < shape.KvHeadCount; head++)
                {
                    var key = row.Slice((shape.HeadCount + head) * shape.HeadDim, shape.HeadDim);
                    var value = row.Slice((shape.HeadCount + shape.KvHeadCount + head) * shape.HeadDim, shape.HeadDim);
                    cache.Store(layer, block, slot, head, key.ToArray(), value.ToArray());
                }
            }
        }
    }

    /// <returns>Rows of <see cref="AttentionShape.HeadCount"/> · <see cref="AttentionShape.HeadDim"/>, one a token of the step.</returns>
    public static float[] Attend(float[] qkv, AttentionShape shape, StepBatch batch, ReferenceKvCache cache, int layer)
    {
        var width = shape.HeadCount * shape.HeadDim;
        var output = new float[batch.TokenCount * width];
        foreach (var sequence in batch.Sequences.Span)
        {
            for (var t = 0; t < sequence.TokenCount; t++)
            {
                var token = sequence.FirstToken + t;
                for (var head = 0; head < shape.HeadCount; head++)
                {
                    var query = qkv.AsSpan(token * shape.QkvWidth + head * shape.HeadDim, shape.HeadDim);
                    var result = AttendOne(query, shape, head, batch, sequence, sequence.StartPosition + t, cache, layer);
                    for (var i = 0; i < shape.HeadDim; i++) output[token * width + head * shape.HeadDim + i] = (float)result[i];
                }
            }
        }

        return output;
    }

    /// <summary>Turns each pair of the head's leading elements by position · frequency.</summary>
    public static void Rotate(Span<float> head, int position, RotaryTable rotary)
    {
        var pairs = rotary.InverseFrequencies.Length;
        for (var i = 0; i < pairs; i++)
        {
            var (first, second) = rotary.Style == RopeStyle.Interleaved ? (2 * i, 2 * i + 1) : (i, i + pairs);
            var angle = (double)position * rotary.InverseFrequencies[i];
            var (cos, sin) = (Math.Cos(angle) * rotary.Magnitude, Math.Sin(angle) * rotary.Magnitude);
            var (x, y) = (head[first], head[second]);
            head[first] = (float)(x * cos - y * sin);
            head[second] = (float)(x * sin + y * cos);
        }
    }

    /// <summary>Σ softmax(query · key · Scale) · value over positions 0 to the query's own.</summary>
    private static double[] AttendOne(
        ReadOnlySpan<float> query, AttentionShape shape, int head, StepBatch batch, SequenceSpan sequence, int position,
        ReferenceKvCache cache, int layer)
    {
        var kvHead = head * shape.KvHeadCount / shape.HeadCount;
        var scores = new double[position + 1];
        var largest = double.NegativeInfinity;
        for (var p = 0; p <= position; p++)
        {
            var (block, slot) = Place(batch, sequence, p, cache);
            var key = cache.Key(layer, block, slot, kvHead);
            var product = 0d;
            for (var i = 0; i < shape.HeadDim; i++) product += (double)query[i] * key[i];
            scores[p] = product * shape.Scale;
            largest = Math.Max(largest, scores[p]);
        }

        var output = new double[shape.HeadDim];
        var sum = 0d;
        for (var p = 0; p <= position; p++)
        {
            var (block, slot) = Place(batch, sequence, p, cache);
            var value = cache.Value(layer, block, slot, kvHead);
            var weight = Math.Exp(scores[p] - largest);
            sum += weight;
            for (var i = 0; i < shape.HeadDim; i++) output[i] += weight * value[i];
        }

        for (var i = 0; i < shape.HeadDim; i++) output[i] /= sum;
        return output;
    }

    private static (int Block, int Slot) Place(StepBatch batch, SequenceSpan sequence, int position, ReferenceKvCache cache)
    {
        var blockTokens = cache.Shape.BlockTokens;
        return (batch.BlockTable[sequence.FirstBlock + position / blockTokens], position % blockTokens);
    }
}
