using System.Numerics;
using Cluster.Compute.Devices;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Reference;

/// <summary>Defines <see cref="IDevice.RotateAndAppend"/> and <see cref="IDevice.Attention"/>.</summary>
internal static class ReferenceAttention
{
    /// <summary>Rotates <paramref name="qkv"/> in place, by position and then as the layer's format says.</summary>
    public static void Rotate(float[] qkv, AttentionShape shape, StepBatch batch, RotaryTable rotary, KvLayerFormat format)
    {
        var keysEnd = (shape.HeadCount + shape.KvHeadCount) * shape.HeadDim;
        for (var token = 0; token < batch.TokenCount; token++)
        {
            var row = qkv.AsSpan(token * shape.QkvWidth, shape.QkvWidth);
            for (var start = 0; start < keysEnd; start += shape.HeadDim) Rotate(row.Slice(start, shape.HeadDim), batch.Positions[token], rotary);
            Spread(row[..keysEnd], format.KeyRotation);
            Spread(row[keysEnd..], format.ValueRotation);
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
                    var target = output.AsSpan(token * width + head * shape.HeadDim, shape.HeadDim);
                    for (var i = 0; i < shape.HeadDim; i++) target[i] = (float)result[i];
                    Spread(target, cache.Shape.Layers[layer].ValueRotation);
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

    /// <summary>Multiplies each run of <paramref name="size"/> elements by the orthonormal Hadamard matrix; 0 leaves them as they are.</summary>
    public static void Spread(Span<float> elements, int size)
    {
        for (var start = 0; size > 0 && start < elements.Length; start += size)
        {
            var run = elements.Slice(start, size).ToArray();
            for (var i = 0; i < size; i++)
            {
                var sum = 0d;
                for (var j = 0; j < size; j++) sum += int.IsEvenInteger(BitOperations.PopCount((uint)(i & j))) ? run[j] : -run[j];
                elements[start + i] = (float)(sum / Math.Sqrt(size));
            }
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

    /// <summary>Where a position of a sequence is in the cache.</summary>
    public static (int Block, int Slot) Place(StepBatch batch, SequenceSpan sequence, int position, ReferenceKvCache cache)
    {
        var blockTokens = cache.Shape.BlockTokens;
        return (batch.BlockTable[sequence.FirstBlock + position / blockTokens], position % blockTokens);
    }
}
