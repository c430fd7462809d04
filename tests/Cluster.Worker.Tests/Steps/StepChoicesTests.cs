using Cluster.Compute.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Steps;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Steps;

public sealed class StepChoicesTests
{
    private readonly StepChoices _choices = AfterStep(7, [31, 900], [], [55]);

    [Fact]
    public void ForeseenTokensAreTheFirstCandidatesOfTheirRows()
    {
        var step = Foreseeing(8, [-1, 5, -1, -1], (0, 2), (2, 0), (3, 1));

        Assert.Null(_choices.Fill(step));
        Assert.Equal([55, 5, 31, 0], step.TokenIds);
    }

    [Fact]
    public void AStepThatForeseesNothingIsLeftAsItIs()
    {
        var step = Foreseeing(20, [-1, 5]);

        Assert.Null(_choices.Fill(step));
        Assert.Equal([-1, 5], step.TokenIds);
    }

    [Fact]
    public void AStepThatDidNotRunChoseNothing()
    {
        _choices.Begin(8);

        Assert.Equal("row 0 chooses token 0, step 8 left 0 rows of logits", _choices.Fill(Foreseeing(9, [-1], (0, 0))));
    }

    [Fact]
    public void AnotherStageChooses() =>
        Assert.Equal(
            "the step foresees tokens, which another stage chooses",
            new StepChoices(isOneStage: false, others: null).Fill(Foreseeing(8, [-1], (0, 0))));

    [Theory]
    [InlineData(8, 1, 0, "token 1 is foreseen, the step has 1")]
    [InlineData(8, -1, 0, "token -1 is foreseen, the step has 1")]
    [InlineData(8, 0, 3, "row 3 chooses token 0, step 7 left 3 rows of logits")]
    [InlineData(8, 0, int.MinValue, "row -2147483648 chooses token 0, step 7 left 3 rows of logits")]
    [InlineData(9, 0, 0, "step 9 foresees tokens of the step before it, the last one was step 7")]
    [InlineData(7, 0, 0, "step 7 foresees tokens of the step before it, the last one was step 7")]
    public void ASpoiledStepIsRefusedWithItsProblem(ulong stepId, int token, int row, string problem) =>
        Assert.Equal(problem, _choices.Fill(Foreseeing(stepId, [-1], (token, row))));

    [Fact]
    public void EveryForeseenTokenHasItsRow()
    {
        var step = Foreseeing(8, [-1, -1], (0, 0), (1, 1));
        step.ForeseenRows.RemoveAt(0);

        Assert.Equal("the step has 2 foreseen tokens and 1 rows that choose them", _choices.Fill(step));
    }

    /// <summary>The same text whether each token is sent back first or the rank goes on by itself.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARankThatIsAStepAheadWritesTheSameText(bool hasNoise)
    {
        const int Length = 24;
        await using var shard = new SampleShard(1);
        var (told, foreseen) = (new int[Length], new int[Length]);
        var result = new StepResult();
        for (var i = 0; i < Length; i++) Run(told, (ulong)i + 1, i, i == 0 ? 50 : told[i - 1]);
        for (var i = 0; i < Length; i++) Run(foreseen, (ulong)(Length + i) + 1, i, i == 0 ? 50 : -1);

        Assert.Equal(told, foreseen);
        Assert.True(told.Distinct().Count() > 5);

        void Run(int[] text, ulong stepId, int position, int token)
        {
            var step = Requests.Step(1, stepId, token).WithRow(0, temperature: 0.8f);
            step.SequenceStartPositions[0] = position;
            step.SequenceBlockCounts[0] = 2;
            step.BlockTable.Add(1);
            step.LogitsNoise[0] = hasNoise;
            step.LogitsPositions[0] = position + 1;
            if (token < 0) step.WithForeseen(0, 0);
            Assert.True(shard.Runner.Run(step, result), result.Error);
            text[position] = result.CandidateIds[0];
        }
    }

    private static StepChoices AfterStep(ulong stepId, params int[][] candidates)
    {
        var (batch, output) = (new StepBatch(), new StepOutput());
        foreach (var row in candidates)
        {
            batch.LogitsRows.Add(new LogitsRow(0, 2, 1, null, 0, 0, 0));
            output.Summaries.Add(new LogitsSummary(0, 0, output.CandidateIds.Count, row.Length, 0, 0));
            foreach (var id in row)
            {
                output.CandidateIds.Add(id);
                output.CandidateLogits.Add(-id);
            }
        }

        var choices = new StepChoices(isOneStage: true, others: null);
        choices.Begin(stepId);
        choices.Keep(batch, output);
        return choices;
    }

    private static StepRequest Foreseeing(ulong stepId, int[] tokens, params (int Token, int Row)[] foreseen)
    {
        var step = new StepRequest { StepId = stepId, TokenIds = { tokens } };
        foreach (var (token, row) in foreseen) step.WithForeseen(token, row);
        return step;
    }
}
