using Cluster.Coordinator.Scheduling;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Evaluation;

/// <summary>A step of one sequence, part of a text whose tokens are known.</summary>
internal sealed class EvaluationStep
{
    public StepRequest Request { get; } = new();

    public int RowCount => Request.LogitsTokens.Count;

    /// <summary>Tokens [<paramref name="start"/>, + <paramref name="count"/>) of a text in cache <paramref name="cache"/>.</summary>
    public void Begin(int cache, ReadOnlySpan<int> text, int start, int count, BlockTable blocks)
    {
        StepMessages.Reset(Request);
        Request.Cache = cache;
        foreach (var token in text.Slice(start, count)) Request.TokenIds.Add(token);
        Request.SequenceTokenCounts.Add(count);
        Request.SequenceStartPositions.Add(start);
        Request.SequenceBlockCounts.Add(blocks.Count);
        foreach (var block in blocks.Blocks) Request.BlockTable.Add(block);
    }

    /// <summary>Asks, after token <paramref name="token"/> of the step, for the best token and for <paramref name="next"/>'s probability.</summary>
    /// <param name="token">Index in the step.</param>
    /// <param name="next">Null when only the best is of interest.</param>
    public void AddRow(int token, int? next)
    {
        Request.LogitsTokens.Add(token);
        Request.LogitsCandidateCounts.Add(1);
        Request.LogitsTemperatures.Add(1);
        Request.LogitsNoise.Add(false);
        Request.LogitsSeeds.Add(0);
        Request.LogitsPositions.Add(Request.SequenceStartPositions[0] + token + 1);
        Request.LogitsRequestedCounts.Add(next is null ? 0 : 1);
        if (next is { } id) Request.RequestedIds.Add(id);
    }
}
