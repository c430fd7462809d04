using Cluster.Compute.Steps;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives;

namespace Cluster.Worker.Steps;

/// <summary>
/// The best token of each row of logits of the last step. A step that was sent before they were known names the rows that choose its
/// tokens, and is completed here.
/// </summary>
/// <param name="isOneStage">Whether the ranks that have the logits have all layers: else the first ones do not learn of them here.</param>
/// <param name="others">The ranks that have the rest of the vocabulary; null where this one has it all.</param>
internal sealed class StepChoices(bool isOneStage, MeshChoices? others)
{
    /// <summary>As <see cref="CandidateKey"/> has them; of a row without candidates 0.</summary>
    private readonly GrowingArray<ulong> _keys = new();

    private ulong _stepId;

    /// <summary>A step begins: until it has run there are no choices.</summary>
    public void Begin(ulong stepId)
    {
        _stepId = stepId;
        _keys.Clear();
    }

    /// <summary>It has run.</summary>
    public void Keep(StepBatch batch, StepOutput output)
    {
        foreach (ref readonly var row in output.Summaries.Span)
        {
            var first = row.FirstCandidate;
            _keys.Add(row.CandidateCount == 0 ? 0 : KeyOf(batch.LogitsRows[_keys.Count], output.CandidateIds[first], output.CandidateLogits[first]));
        }
    }

    /// <summary>Puts the foreseen tokens of a request into their places.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Fill(StepRequest request)
    {
        var tokens = request.ForeseenTokens;
        var rows = request.ForeseenRows;
        if (tokens.Count != rows.Count) return $"the step has {tokens.Count} foreseen tokens and {rows.Count} rows that choose them";
        if (tokens.Count == 0) return null;
        if (!isOneStage) return "the step foresees tokens, which another stage chooses";
        if (request.StepId != _stepId + 1) return $"step {request.StepId} foresees tokens of the step before it, the last one was step {_stepId}";
        for (var i = 0; i < tokens.Count; i++)
        {
            if ((uint)tokens[i] >= (uint)request.TokenIds.Count) return $"token {tokens[i]} is foreseen, the step has {request.TokenIds.Count}";
            if ((uint)rows[i] >= (uint)_keys.Count) return $"row {rows[i]} chooses token {tokens[i]}, step {_stepId} left {_keys.Count} rows of logits";
        }

        others?.TakeBest(_keys.Span);
        for (var i = 0; i < tokens.Count; i++) request.TokenIds[tokens[i]] = TokenOf(_keys[rows[i]]);
        return null;
    }

    private static ulong KeyOf(in LogitsRow row, int id, float logit)
    {
        var score = row.NoiseSeed is { } seed ? GumbelNoise.Score(logit, row.Temperature, GumbelNoise.Sample(seed, row.Position, id)) : logit;
        return CandidateKey.Of(score, id);
    }

    /// <summary>Logits that are no numbers have no best token: their text ends, and what comes of the next step is dropped.</summary>
    private static int TokenOf(ulong key) => key == 0 ? 0 : CandidateKey.Id(key);
}
