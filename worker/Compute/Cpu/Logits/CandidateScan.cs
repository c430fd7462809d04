using System.Numerics;
using Cluster.Compute.Steps;
using Cluster.Model.Sampling;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>Finds the best candidates of a run of logits; whole vectors that cannot hold one are passed over.</summary>
internal static unsafe class CandidateScan
{
    /// <summary>Above any noise: <see cref="GumbelNoise.UpperBound"/> of all ones.</summary>
    private static readonly float s_largestNoise = GumbelNoise.UpperBound(ulong.MaxValue);

    /// <summary>Adds the best of logits of ids from <paramref name="firstId"/> on, in the row's order and without its requested ids.</summary>
    public static int Find(float* logits, int firstId, int count, in LogitsRow row, ReadOnlySpan<int> requested, Span<ulong> keys)
    {
        if (keys.IsEmpty) return 0;
        var heap = new CandidateHeap(keys);
        if (row.NoiseSeed is { } seed) FindNoisy(logits, firstId, count, row.Temperature, GumbelNoise.Stream(seed, row.Position), requested, ref heap);
        else FindPlain(logits, firstId, count, requested, ref heap);
        return heap.Count;
    }

    private static void FindPlain(float* logits, int firstId, int count, ReadOnlySpan<int> requested, ref CandidateHeap heap)
    {
        for (var i = 0; i < count; i++)
        {
            if (heap.IsFull)
            {
                i = NextAbove(logits, i, count, heap.Threshold);
                if (i == count) return;
            }

            if (requested.BinarySearch(firstId + i) < 0) heap.Add(CandidateKey.Of(logits[i], firstId + i));
        }
    }

    private static void FindNoisy(
        float* logits, int firstId, int count, float temperature, ulong stream, ReadOnlySpan<int> requested, ref CandidateHeap heap)
    {
        for (var i = 0; i < count; i++)
        {
            if (heap.IsFull)
            {
                // A little below what the largest noise could lift to the threshold, for the rounding of this very bound.
                var rounding = (MathF.Abs(heap.Threshold) + s_largestNoise) * 1e-6f;
                i = NextAbove(logits, i, count, (heap.Threshold - s_largestNoise - rounding) * temperature);
                if (i == count) return;
            }

            var id = firstId + i;
            var bits = GumbelNoise.Bits(stream, id);
            if (heap.IsFull && !(GumbelNoise.Score(logits[i], temperature, GumbelNoise.UpperBound(bits)) > heap.Threshold)) continue;
            var score = GumbelNoise.Score(logits[i], temperature, GumbelNoise.FromBits(bits));
            if (heap.IsFull && !(score > heap.Threshold)) continue;
            if (requested.BinarySearch(id) < 0) heap.Add(CandidateKey.Of(score, id));
        }
    }

    /// <summary>Index of the first logit from <paramref name="i"/> on that is above a threshold, or <paramref name="count"/>.</summary>
    private static int NextAbove(float* logits, int i, int count, float threshold)
    {
        var bound = new Vector<float>(threshold);
        while (i + Vector<float>.Count <= count && !Vector.GreaterThanAny(Vector.Load(logits + i), bound)) i += Vector<float>.Count;
        while (i < count && !(logits[i] > threshold)) i++;
        return i;
    }
}
