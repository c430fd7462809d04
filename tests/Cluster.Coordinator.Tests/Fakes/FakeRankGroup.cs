using Cluster.Coordinator.Ranks;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>Fake ranks in this process, those of the last stage at the end.</summary>
internal sealed class FakeRankGroup : IRankGroup
{
    private readonly FakeRank[] _ranks;
    private readonly TaskCompletionSource<StepFailure> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _last = Task.CompletedTask;
    private StepFailure? _failure;

    public FakeRankGroup(FakeModel model, int ranks, int blockTokens, int stages = 1)
    {
        TensorParallelSize = ranks;
        _ranks =
        [
            .. from stage in Enumerable.Range(0, stages)
               from rank in Enumerable.Range(0, ranks)
               select new FakeRank(model, model.VocabularySize * rank / ranks, model.VocabularySize * (rank + 1) / ranks, stage == stages - 1)
               {
                   BlockTokens = blockTokens,
                   KeptSteps = stages,
               },
        ];
    }

    public ulong PlanVersion { get; init; } = 7;

    public int TensorParallelSize { get; }

    public int WorldSize => _ranks.Length;

    public int Steps { get; private set; }

    /// <summary>Tokens of all steps.</summary>
    public int Tokens { get; private set; }

    public int FurtherQuestions { get; private set; }

    /// <summary>Requests that are not answered.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Rows of logits that a rank keeps to compare others with.</summary>
    public int KeptRows => _ranks[^1].KeptRows;

    public int LargestStep { get; private set; }

    /// <summary>Called with the number of each step before it is executed; what it returns ends the step.</summary>
    public Func<int, StepFailure?>? BeforeStep { get; set; }

    /// <summary>Called with the number of each step when it has been executed; what it returns loses its answer.</summary>
    public Func<int, StepFailure?>? AfterStep { get; set; }

    /// <summary>Called before each further question about a step's logits; what it returns ends the step.</summary>
    public Func<StepFailure?>? BeforeQuestion { get; set; }

    /// <summary>Called before each request; what it returns ends the step.</summary>
    public Func<StepRequest, StepFailure?>? BeforeRequest { get; set; }

    /// <summary>Completes when no further step will be asked for, with the reason.</summary>
    public Task<StepFailure> Ended => _ended.Task;

    /// <summary>When not null, each step waits for it.</summary>
    public SemaphoreSlim? Gate { get; set; }

    public ValueTask<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope, IReadOnlyList<StepResult> results)
    {
        _failure ??= BeforeRequest?.Invoke(request) ?? Count(request, scope);
        if (_failure is not null) return new ValueTask<StepFailure?>(_failure);
        UnderWay++;
        var execution = ExecuteAsync(request, scope, results, Steps, _last);
        _last = execution;
        return new ValueTask<StepFailure?>(execution);
    }

    public void GiveUp(StepFailure failure) => _ended.TrySetResult(failure);

    private StepFailure? Count(StepRequest request, RankScope scope)
    {
        if (scope == RankScope.LastStage)
        {
            FurtherQuestions++;
            return BeforeQuestion?.Invoke();
        }

        Steps++;
        Tokens += request.TokenIds.Count;
        LargestStep = Math.Max(LargestStep, request.TokenIds.Count);
        return BeforeStep?.Invoke(Steps);
    }

    private async Task<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope, IReadOnlyList<StepResult> results, int step, Task before)
    {
        await before;
        if (scope == RankScope.All && Gate is not null) await Gate.WaitAsync();
        for (var i = scope == RankScope.All ? 0 : WorldSize - TensorParallelSize; i < _ranks.Length; i++)
        {
            StepMessages.Reset(results[i]);
            results[i].MergeFrom(_ranks[i].Execute(request));
        }

        UnderWay--;
        return AfterStep?.Invoke(step);
    }
}
