using Cluster.Coordinator.Ranks;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>Tensor-parallel fake ranks of one stage, in this process.</summary>
internal sealed class FakeRankGroup : IRankGroup
{
    private readonly FakeRank[] _ranks;
    private readonly StepResult[] _results;
    private readonly TaskCompletionSource<StepFailure> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeRankGroup(FakeModel model, int ranks, int blockTokens)
    {
        _ranks = [.. Enumerable.Range(0, ranks).Select(rank => new FakeRank(model, model.VocabularySize * rank / ranks, model.VocabularySize * (rank + 1) / ranks) { BlockTokens = blockTokens })];
        _results = [.. _ranks.Select(_ => new StepResult())];
    }

    public ulong PlanVersion { get; init; } = 7;

    public int TensorParallelSize => _ranks.Length;

    public int WorldSize => _ranks.Length;

    public IReadOnlyList<StepResult> Results => _results;

    public int Steps { get; private set; }

    /// <summary>Tokens of all steps.</summary>
    public int Tokens { get; private set; }

    public int FurtherQuestions { get; private set; }

    /// <summary>Rows of logits that a rank keeps to compare others with.</summary>
    public int KeptRows => _ranks[0].KeptRows;

    public int LargestStep { get; private set; }

    /// <summary>Called with the number of each step before it is executed; what it returns ends the step.</summary>
    public Func<int, StepFailure?>? BeforeStep { get; set; }

    /// <summary>Called before each further question about a step's logits; what it returns ends the step.</summary>
    public Func<StepFailure?>? BeforeQuestion { get; set; }

    /// <summary>Called before each request; what it returns ends the step.</summary>
    public Func<StepRequest, StepFailure?>? BeforeRequest { get; set; }

    /// <summary>Completes when no further step will be asked for, with the reason.</summary>
    public Task<StepFailure> Ended => _ended.Task;

    /// <summary>When not null, each step waits for it.</summary>
    public SemaphoreSlim? Gate { get; set; }

    public async ValueTask<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope)
    {
        if (BeforeRequest?.Invoke(request) is { } refusal) return refusal;
        if (scope == RankScope.All)
        {
            Steps++;
            Tokens += request.TokenIds.Count;
            LargestStep = Math.Max(LargestStep, request.TokenIds.Count);
            if (BeforeStep?.Invoke(Steps) is { } failure) return failure;
            if (Gate is not null) await Gate.WaitAsync();
        }
        else
        {
            FurtherQuestions++;
            if (BeforeQuestion?.Invoke() is { } failure) return failure;
        }

        for (var i = 0; i < _ranks.Length; i++) _results[i] = _ranks[i].Execute(request);
        return null;
    }

    public void GiveUp(StepFailure failure) => _ended.TrySetResult(failure);
}
