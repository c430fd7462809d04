using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>The ranks and the cache of one plan, and the order of steps on them: what the engine works with until they are lost.</summary>
/// <param name="ranks">Who executes steps.</param>
/// <param name="blocks">The cache.</param>
/// <param name="contextLength">Tokens of one sequence at most.</param>
/// <param name="options">How steps are made up.</param>
/// <param name="time">The clock.</param>
internal sealed class EngineSession(IRankGroup ranks, BlockManager blocks, int contextLength, SchedulerOptions options, TimeProvider time)
{
    public EngineParts Parts { get; } = new(new StepPipeline(ranks, time), Require(blocks, contextLength), ranks);

    public Scheduler Scheduler { get; } = new(options, blocks, ranks.PipelineSize, ranks.TakesForeseenTokens ? new Foresight() : null);

    public int ContextLength => contextLength;

    private static BlockManager Require(BlockManager blocks, int contextLength) =>
        blocks.CapacityTokens >= contextLength
            ? blocks
            : throw new ArgumentException($"A cache of {blocks.CapacityTokens} tokens does not hold a context of {contextLength}.", nameof(blocks));
}
