using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>What one segment of a logits row comes to; SegmentSums in logits.cu, whose candidates are counted otherwise.</summary>
/// <param name="Sum">Σ exp((logit - Largest) / Temperature).</param>
/// <param name="SumPlain">The same at temperature 1.</param>
/// <param name="Largest">Its largest logit.</param>
/// <param name="CandidateCount">Candidates kept, at most the row's.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LogitsSegment(double Sum, double SumPlain, float Largest, int CandidateCount)
{
    /// <summary>The log-sum-exp of a whole row.</summary>
    /// <param name="segments">Its segments.</param>
    /// <param name="temperature">What their logits were divided by.</param>
    /// <param name="plain">Whether the sums at temperature 1 are taken.</param>
    public static float LogSumExp(ReadOnlySpan<LogitsSegment> segments, float temperature, bool plain)
    {
        var largest = float.NegativeInfinity;
        foreach (ref readonly var segment in segments) largest = MathF.Max(largest, segment.Largest);
        if (float.IsNegativeInfinity(largest)) return largest;
        var sum = 0d;
        foreach (ref readonly var segment in segments)
            sum += (plain ? segment.SumPlain : segment.Sum) * Math.Exp(((double)segment.Largest - largest) / temperature);
        return (float)(largest / temperature + Math.Log(sum));
    }
}
