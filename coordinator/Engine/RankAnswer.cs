using Cluster.Model.Sampling;
using Cluster.Protos.V1;
using Google.Protobuf.Collections;

namespace Cluster.Coordinator.Engine;

/// <summary>One rank's answers to a step's rows, copied out of its message.</summary>
internal sealed class RankAnswer
{
    private float[] _logSumExps = [];
    private float[] _logSumExpsPlain = [];
    private int[] _candidateIds = [];
    private float[] _candidateLogits = [];
    private int[] _requestedIds = [];
    private float[] _requestedLogits = [];

    // Where each row's begin; one entry more than rows.
    private int[] _candidateStarts = [0];
    private int[] _requestedStarts = [0];

    /// <returns>What is wrong with the message, or null.</returns>
    public string? Load(StepResult result, int rowCount)
    {
        if (result.LogSumExps.Count != rowCount || result.LogSumExpsPlain.Count != rowCount
            || result.CandidateCounts.Count != rowCount || result.RequestedCounts.Count != rowCount)
            return $"it has {result.LogSumExps.Count} of {rowCount} rows of logits";
        if (!Accumulate(result.CandidateCounts, ref _candidateStarts, result.CandidateIds.Count, result.CandidateLogits.Count)
            || !Accumulate(result.RequestedCounts, ref _requestedStarts, result.RequestedIds.Count, result.RequestedLogits.Count))
            return "its counts contradict its values";

        Copy(result.LogSumExps, ref _logSumExps);
        Copy(result.LogSumExpsPlain, ref _logSumExpsPlain);
        Copy(result.CandidateIds, ref _candidateIds);
        Copy(result.CandidateLogits, ref _candidateLogits);
        Copy(result.RequestedIds, ref _requestedIds);
        Copy(result.RequestedLogits, ref _requestedLogits);
        return null;
    }

    public RankCandidates Row(int row)
    {
        var candidates = _candidateStarts[row].._candidateStarts[row + 1];
        var requested = _requestedStarts[row].._requestedStarts[row + 1];
        return new RankCandidates(
            _logSumExps[row], _logSumExpsPlain[row],
            _candidateIds.AsMemory(candidates), _candidateLogits.AsMemory(candidates),
            _requestedIds.AsMemory(requested), _requestedLogits.AsMemory(requested));
    }

    private static bool Accumulate(RepeatedField<int> counts, ref int[] starts, int ids, int logits)
    {
        if (starts.Length <= counts.Count) starts = new int[counts.Count * 2 + 1];

        long total = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            total += counts[i];
            if (counts[i] < 0 || total > ids) return false;
            starts[i + 1] = (int)total;
        }

        return total == ids && total == logits;
    }

    private static void Copy<T>(RepeatedField<T> source, ref T[] target)
    {
        if (target.Length < source.Count) target = new T[source.Count * 2];
        source.CopyTo(target, 0);
    }
}
