namespace Cluster.Compute.Steps;

/// <summary>
/// One step's work for a shard: tokens of one or more sequences (prefill chunks and decodes mixed), where their keys and values
/// live, and which logits are wanted. Reused from step to step.
/// </summary>
public sealed class StepBatch
{
    public GrowingArray<int> TokenIds { get; } = new();

    public GrowingArray<int> Positions { get; } = new();

    public GrowingArray<SequenceSpan> Sequences { get; } = new();

    /// <summary>Block indices of all sequences, one table after the other.</summary>
    public GrowingArray<int> BlockTable { get; } = new();

    /// <summary>Blocks to be copied within the cache before the step, one after the other.</summary>
    public GrowingArray<BlockCopy> BlockCopies { get; } = new();

    public GrowingArray<LogitsRow> LogitsRows { get; } = new();

    public GrowingArray<int> RequestedIds { get; } = new();

    /// <summary>In rising order, apart from each other.</summary>
    public GrowingArray<PooledRange> PooledRanges { get; } = new();

    /// <summary>What questions about the step's logits call it by later on.</summary>
    public ulong StepId { get; set; }

    /// <summary>Which of the shard's caches the sequences live in.</summary>
    public int Cache { get; set; }

    public BaselineUse Baseline { get; set; }

    /// <summary>Whether the device's kernels are to be timed, where it can.</summary>
    public bool TimesKernels { get; set; }

    public int TokenCount => TokenIds.Count;

    public void Clear()
    {
        TokenIds.Clear();
        Positions.Clear();
        Sequences.Clear();
        BlockTable.Clear();
        BlockCopies.Clear();
        LogitsRows.Clear();
        RequestedIds.Clear();
        PooledRanges.Clear();
        StepId = 0;
        Cache = 0;
        Baseline = BaselineUse.None;
        TimesKernels = false;
    }
}
