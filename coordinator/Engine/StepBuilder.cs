using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine;

/// <summary>Writes step requests: from a scheduled batch, and further questions about the logits that it left. Reused from step to step.</summary>
internal sealed class StepBuilder(ulong planVersion)
{
    /// <summary>In the place of a foreseen token.</summary>
    private const int Unknown = -1;

    private readonly List<LogitsRequest> _rows = [];
    private readonly List<LiveSequence> _pooled = [];

    public StepRequest Request { get; } = new();

    /// <summary>The rows that the request asks for, in order.</summary>
    public IReadOnlyList<LogitsRequest> Rows => _rows;

    /// <summary>Who asked for hidden states, in order.</summary>
    public IReadOnlyList<LiveSequence> Pooled => _pooled;

    /// <summary>Begins the next step.</summary>
    public void Build(ScheduledBatch batch, ulong stepId)
    {
        Begin(stepId);
        foreach (var copy in batch.Copies)
        {
            Request.BlockCopies.Add(copy.Source);
            Request.BlockCopies.Add(copy.Target);
        }

        foreach (var part in batch.Sequences)
        {
            var firstToken = Request.TokenIds.Count;
            foreach (var token in part.Sequence.Tokens[part.Start..Math.Min(part.End, part.Sequence.Length)]) Request.TokenIds.Add(token);
            if (part.IsAhead) AddForeseen(((LiveSequence)part.Sequence).ChoosingRow);

            Request.SequenceTokenCounts.Add(part.Count);
            Request.SequenceStartPositions.Add(part.Start);
            Request.SequenceBlockCounts.Add(part.Sequence.Blocks.Count);
            foreach (var block in part.Sequence.Blocks.Blocks) Request.BlockTable.Add(block);

            ((LiveSequence)part.Sequence).AddRows(part, firstToken, this);
        }
    }

    /// <summary>Begins further questions about the rows of the step that was executed last.</summary>
    public void BuildAgain(ReadOnlySpan<LogitsRequest> rows)
    {
        Begin(Request.StepId);
        Request.SummarizeAgain = true;
        foreach (var row in rows) Add(row, row.StepRow);
    }

    /// <summary>Asks about the logits after a token of the step.</summary>
    /// <returns>Index among the step's rows.</returns>
    public int AddRow(LiveSequence sequence, int token, in CandidateQuery query)
    {
        Add(new LogitsRequest(sequence, token, _rows.Count, query), token);
        return _rows.Count - 1;
    }

    /// <summary>Asks for the sum of the hidden states of tokens of the step.</summary>
    public void AddPooled(LiveSequence sequence, int firstToken, int count)
    {
        _pooled.Add(sequence);
        Request.PooledTokens.Add(firstToken);
        Request.PooledTokens.Add(count);
    }

    private void Begin(ulong stepId)
    {
        StepMessages.Reset(Request);
        Request.PlanVersion = planVersion;
        Request.StepId = stepId;
        _rows.Clear();
        _pooled.Clear();
    }

    /// <summary>Adds the token that a row of the step before chooses.</summary>
    private void AddForeseen(int row)
    {
        Request.ForeseenTokens.Add(Request.TokenIds.Count);
        Request.ForeseenRows.Add(row);
        Request.TokenIds.Add(Unknown);
    }

    private void Add(in LogitsRequest row, int index)
    {
        var query = row.Query;
        _rows.Add(row);
        Request.LogitsTokens.Add(index);
        Request.LogitsCandidateCounts.Add(query.CandidateCount);
        Request.LogitsTemperatures.Add(query.Temperature);
        Request.LogitsNoise.Add(query.NoiseSeed is not null);
        Request.LogitsSeeds.Add(query.NoiseSeed ?? 0);
        Request.LogitsPositions.Add(query.Position);
        Request.LogitsRequestedCounts.Add(query.RequestedIds.Length);
        foreach (var id in query.RequestedIds.Span) Request.RequestedIds.Add(id);
    }
}
