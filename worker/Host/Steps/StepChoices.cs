using Cluster.Compute.Steps;
using Cluster.Protos.V1;

namespace Cluster.Worker.Steps;

/// <summary>
/// The first candidate of each row of logits of the last step. A step that was sent before they were known names the rows that choose its
/// tokens, and is completed here.
/// </summary>
/// <param name="hasVocabulary">Whether this rank has the whole vocabulary: else its best token need not be the best of all.</param>
internal sealed class StepChoices(bool hasVocabulary)
{
    private readonly GrowingArray<int> _tokens = new();
    private ulong _stepId;

    /// <summary>A step begins: until it has run there are no choices.</summary>
    public void Begin(ulong stepId)
    {
        _stepId = stepId;
        _tokens.Clear();
    }

    /// <summary>It has run.</summary>
    public void Keep(StepOutput output)
    {
        // Logits that are no numbers have no best token: their text ends, and what comes of the next step is dropped.
        foreach (ref readonly var row in output.Summaries.Span) _tokens.Add(row.CandidateCount > 0 ? output.CandidateIds[row.FirstCandidate] : 0);
    }

    /// <summary>Puts the foreseen tokens of a request into their places.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Fill(StepRequest request)
    {
        var tokens = request.ForeseenTokens;
        var rows = request.ForeseenRows;
        if (tokens.Count != rows.Count) return $"the step has {tokens.Count} foreseen tokens and {rows.Count} rows that choose them";
        if (tokens.Count == 0) return null;
        if (!hasVocabulary) return "the step foresees tokens, which this rank alone does not choose";
        if (request.StepId != _stepId + 1) return $"step {request.StepId} foresees tokens of the step before it, the last one was step {_stepId}";
        for (var i = 0; i < tokens.Count; i++)
        {
            if ((uint)tokens[i] >= (uint)request.TokenIds.Count) return $"token {tokens[i]} is foreseen, the step has {request.TokenIds.Count}";
            if ((uint)rows[i] >= (uint)_tokens.Count) return $"row {rows[i]} chooses token {tokens[i]}, step {_stepId} left {_tokens.Count} rows of logits";
            request.TokenIds[tokens[i]] = _tokens[rows[i]];
        }

        return null;
    }
}
