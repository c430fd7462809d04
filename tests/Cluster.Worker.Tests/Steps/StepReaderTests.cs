using Cluster.Compute.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Steps;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Steps;

public sealed class StepReaderTests
{
    private static readonly StepLimits s_limits = new(MaxTokens: 8, VocabularySize: 1000, BlockTokens: 16, BlockCount: 4, CacheCount: 2);

    /// <summary>Each spoils a good step in one way.</summary>
    private static readonly (string Problem, Action<StepRequest> Spoil)[] s_spoilers =
    [
        ("no tokens", step => step.TokenIds.Clear()),
        ("loaded for 8", step => step.TokenIds.AddRange([1, 2, 3, 4])),
        ("vocabulary has 1000", step => step.TokenIds[1] = 1000),
        ("vocabulary has 1000", step => step.TokenIds[0] = -1),
        ("2 token counts, 1 start positions", step => step.SequenceStartPositions.RemoveAt(0)),
        ("1 block counts", step => step.SequenceBlockCounts.RemoveAt(0)),
        ("sequence 1 has 0 tokens", step => step.SequenceTokenCounts[1] = 0),
        ("sequence 0 has -1 tokens", step => step.SequenceTokenCounts[0] = -1),
        ("sequence 1 has 2147483647 tokens", step => step.SequenceTokenCounts[1] = int.MaxValue),
        ("sequences have 4 tokens", step => step.SequenceTokenCounts[1] = 1),
        ("sequence 0 has -2 blocks", step => step.SequenceBlockCounts[0] = -2),
        ("sequence 1 has 2147483647 blocks", step => step.SequenceBlockCounts[1] = int.MaxValue),
        ("the table has 4", step => step.BlockTable.Add(0)),
        ("takes positions -1 to", step => step.SequenceStartPositions[0] = -1),
        ("its 1 blocks hold 16 each", step => step.SequenceStartPositions[0] = 14),
        ("its 2 blocks hold 16 each", step => step.SequenceStartPositions[1] = int.MaxValue),
        ("the cache has 4 blocks", step => step.BlockTable[2] = 4),
        ("the cache has 4 blocks", step => step.BlockTable[0] = -1),
        ("they come in pairs", step => step.BlockCopies.Add(1)),
        ("block 4 is to be copied to block 0", step => step.BlockCopies.AddRange([4, 0])),
        ("block 0 is to be copied to block -1", step => step.BlockCopies.AddRange([1, 3, 0, -1])),
        ("block 2 is to be copied to block 2", step => step.BlockCopies.AddRange([2, 2])),
        ("differ in length", step => step.LogitsCandidateCounts.Add(1)),
        ("differ in length", step => step.LogitsTemperatures.Clear()),
        ("differ in length", step => step.LogitsNoise.Add(false)),
        ("differ in length", step => step.LogitsSeeds.RemoveAt(0)),
        ("differ in length", step => step.LogitsPositions.RemoveAt(0)),
        ("differ in length", step => step.LogitsRequestedCounts.Add(0)),
        ("logits row 0 is of 5", step => step.LogitsTokens[0] = 5),
        ("logits row 1 is of -1", step => step.LogitsTokens[1] = -1),
        ("asks for 1001 candidates", step => step.LogitsCandidateCounts[0] = 1001),
        ("asks for -1 candidates", step => step.LogitsCandidateCounts[1] = -1),
        ("has temperature 0", step => step.LogitsTemperatures[0] = 0),
        ("has temperature NaN", step => step.LogitsTemperatures[0] = float.NaN),
        ("has temperature", step => step.LogitsTemperatures[1] = float.PositiveInfinity),
        ("requests -1 ids", step => step.LogitsRequestedCounts[0] = -1),
        ("requests 2147483647 ids", step => step.LogitsRequestedCounts[1] = int.MaxValue),
        ("rows request 2 ids, the step has 3", step => step.LogitsRequestedCounts[0] = 2),
        ("not in the vocabulary", step => step.RequestedIds[2] = 1000),
        ("uses cache 2, the shard has 2", step => step.Cache = 2),
        ("uses cache -1", step => step.Cache = -1),
        ("they come in pairs", step => step.PooledTokens.Add(0)),
        ("0 tokens from 1 are to be pooled", step => step.PooledTokens.AddRange([1, 0])),
        ("1 tokens from -1 are to be pooled", step => step.PooledTokens.AddRange([-1, 1])),
        ("2 tokens from 4 are to be pooled", step => step.PooledTokens.AddRange([4, 2])),
        ("2147483647 tokens from 1", step => step.PooledTokens.AddRange([1, int.MaxValue])),
        ("1 tokens from 2 are to be pooled, after 3", step => step.PooledTokens.AddRange([1, 2, 2, 1])),
        ("both keeps and compares", step => step.KeepLogits = step.CompareLogits = true),
        ("compares 2 rows of logits, 0 are kept", step => step.CompareLogits = true),
        ("ids must rise", step => step.RequestedIds[1] = step.RequestedIds[0]),
    ];

    public static TheoryData<int> Spoilers() => [.. Enumerable.Range(0, s_spoilers.Length)];

    [Fact]
    public void AGoodStepBecomesABatch()
    {
        var batch = new StepBatch();

        Assert.Null(new StepReader(s_limits).Read(Good(), batch));

        Assert.Equal([10, 11, 12, 20, 21], batch.TokenIds.Span.ToArray());
        Assert.Equal([3, 4, 5, 30, 31], batch.Positions.Span.ToArray());
        Assert.Equal([new SequenceSpan(0, 3, 3, 0, 1), new SequenceSpan(3, 2, 30, 1, 2)], batch.Sequences.Span.ToArray());
        Assert.Equal([2, 0, 3], batch.BlockTable.Span.ToArray());
        Assert.Equal([new BlockCopy(1, 3), new BlockCopy(3, 0)], batch.BlockCopies.Span.ToArray());
        Assert.Equal(
            [new LogitsRow(2, 40, 0.7f, 77, 5, 0, 3), new LogitsRow(4, 1, 1, null, 5, 3, 0)], batch.LogitsRows.Span.ToArray());
        Assert.Equal([5, 6, 999], batch.RequestedIds.Span.ToArray());
    }

    [Fact]
    public void ABatchIsReusedWithoutTraces()
    {
        var reader = new StepReader(s_limits);
        var batch = new StepBatch();
        Assert.Null(reader.Read(Good(), batch));

        Assert.Null(reader.Read(Requests.Step(1, 2, token: 7), batch));

        Assert.Equal([7], batch.TokenIds.Span.ToArray());
        Assert.Equal([0], batch.Positions.Span.ToArray());
        Assert.Equal(1, batch.Sequences.Count);
        Assert.Equal(1, batch.BlockTable.Count);
        Assert.Equal(0, batch.LogitsRows.Count + batch.RequestedIds.Count);
    }

    [Fact]
    public void LogitsAreComparedWithAsManyKeptOnes()
    {
        var reader = new StepReader(s_limits);
        var batch = new StepBatch();
        var keep = Good();
        keep.KeepLogits = true;
        var compare = Good();
        compare.CompareLogits = true;
        compare.Cache = 1;

        Assert.Null(reader.Read(keep, batch));
        Assert.Equal((BaselineUse.Keep, 0), (batch.Baseline, batch.Cache));
        Assert.Null(reader.Read(Good(), batch));
        Assert.Equal((BaselineUse.None, 0), (batch.Baseline, batch.Cache));
        Assert.Null(reader.Read(compare, batch));
        Assert.Equal((BaselineUse.Compare, 1), (batch.Baseline, batch.Cache));
        Assert.Equal("the step compares 3 rows of logits, 2 are kept", reader.Read(compare.WithRow(0), batch));
    }

    [Fact]
    public void PooledTokensAreRangesOfTheStep()
    {
        var step = Good();
        step.PooledTokens.AddRange([0, 3, 4, 1]);
        var batch = new StepBatch();

        Assert.Null(new StepReader(s_limits).Read(step, batch));
        Assert.Equal([new PooledRange(0, 3), new PooledRange(4, 1)], batch.PooledRanges.Span.ToArray());
        Assert.Null(new StepReader(s_limits).Read(Good(), batch));
        Assert.Equal(0, batch.PooledRanges.Count);
    }

    [Fact]
    public void ARepeatedQuestionDoesNotCompare()
    {
        var again = new StepRequest { SummarizeAgain = true, CompareLogits = true }.WithRow(0);

        Assert.Equal("a repeated question keeps or compares logits", new StepReader(s_limits).ReadAgain(again, keptRows: 2, new StepBatch()));
    }

    [Theory]
    [MemberData(nameof(Spoilers))]
    public void ASpoiledStepIsRefusedWithItsProblem(int spoiler)
    {
        var step = Good();
        s_spoilers[spoiler].Spoil(step);

        var problem = new StepReader(s_limits).Read(step, new StepBatch());

        Assert.NotNull(problem);
        Assert.Contains(s_spoilers[spoiler].Problem, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ARepeatedQuestionIndexesTheKeptRows()
    {
        var reader = new StepReader(s_limits);
        var batch = new StepBatch();
        var question = new StepRequest { SummarizeAgain = true }.WithRow(1, candidates: 100, temperature: 0.5f, 8);

        Assert.Null(reader.ReadAgain(question, 2, batch));
        Assert.Equal([new LogitsRow(1, 100, 0.5f, 77, 5, 0, 1)], batch.LogitsRows.Span.ToArray());
        Assert.Contains("there are 1 rows of logits", reader.ReadAgain(question, 1, batch), StringComparison.Ordinal);

        question.TokenIds.Add(1);
        Assert.Contains("carries tokens", reader.ReadAgain(question, 2, batch), StringComparison.Ordinal);
    }

    private static StepRequest Good()
    {
        var step = new StepRequest
        {
            PlanVersion = 1,
            StepId = 1,
            TokenIds = { 10, 11, 12, 20, 21 },
            SequenceTokenCounts = { 3, 2 },
            SequenceStartPositions = { 3, 30 },
            SequenceBlockCounts = { 1, 2 },
            BlockTable = { 2, 0, 3 },
            BlockCopies = { 1, 3, 3, 0 },
        }.WithRow(2, candidates: 40, temperature: 0.7f, 5, 6, 999).WithRow(4);
        step.LogitsNoise[1] = false;
        return step;
    }
}
