using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>The sequences of the current step, copied from its batch and checked, as the attention operations of all layers need them.</summary>
internal sealed class StepState
{
    private int _blockLimit;

    public GrowingArray<SequenceSpan> Sequences { get; } = new();

    /// <summary>Position of each token.</summary>
    public GrowingArray<int> Positions { get; } = new();

    /// <summary>The step's tokens by group of the cache, so that one thread writes what shares bytes.</summary>
    public GrowingArray<TokenRun> Runs { get; } = new();

    public GrowingArray<int> BlockTable { get; } = new();

    /// <summary>Changes with every step.</summary>
    public long Version { get; private set; }

    public int TokenCount => Positions.Count;

    /// <exception cref="ArgumentException">The batch contradicts itself; the message says where.</exception>
    public void Begin(StepBatch batch)
    {
        Version++;
        Sequences.Clear();
        BlockTable.Clear();
        Positions.Clear();
        Runs.Clear();
        if (batch.Positions.Count != batch.TokenCount) throw Broken($"{batch.TokenCount} tokens but {batch.Positions.Count} positions");
        batch.Positions.Span.CopyTo(Positions.Append(batch.TokenCount));
        batch.Sequences.Span.CopyTo(Sequences.Append(batch.Sequences.Count));
        batch.BlockTable.Span.CopyTo(BlockTable.Append(batch.BlockTable.Count));
        var placed = 0;
        for (var i = 0; i < Sequences.Count; i++) placed += Place(Sequences[i], i, placed);
        if (placed != batch.TokenCount) throw Broken($"token {placed} belongs to no sequence");
        _blockLimit = 0;
        foreach (var block in BlockTable.Span)
        {
            if (block < 0) throw Broken($"block {block} is negative");
            _blockLimit = Math.Max(_blockLimit, block + 1);
        }
    }

    /// <summary>Checks that every position of the step has its place in a cache, so that nothing is read or written beside it.</summary>
    /// <exception cref="ArgumentException">A block is not one of the cache's, or a sequence has too few.</exception>
    public void CheckFits(KvCacheShape shape)
    {
        if (_blockLimit > shape.BlockCount) throw Broken($"block {_blockLimit - 1} of a cache of {shape.BlockCount}");
        foreach (ref var sequence in Sequences.Span)
        {
            var end = sequence.StartPosition + sequence.TokenCount;
            if ((long)sequence.BlockCount * shape.BlockTokens < end)
                throw Broken($"{sequence.BlockCount} blocks of {shape.BlockTokens} tokens for a sequence of {end}");
        }
    }

    /// <summary>Takes the sequence whose first token must be <paramref name="firstToken"/>; returns its tokens.</summary>
    private int Place(SequenceSpan sequence, int index, int firstToken)
    {
        if (sequence.FirstToken != firstToken || sequence.TokenCount < 1 || sequence.TokenCount > TokenCount - firstToken)
            throw Broken($"sequence {index} has {sequence.TokenCount} tokens from {sequence.FirstToken}, expected some of {TokenCount} from {firstToken}");
        if (sequence.FirstBlock < 0 || sequence.BlockCount < 1 || sequence.BlockCount > BlockTable.Count - sequence.FirstBlock)
            throw Broken($"sequence {index} has {sequence.BlockCount} blocks from {sequence.FirstBlock} of {BlockTable.Count}");
        if (sequence.StartPosition < 0 || sequence.StartPosition > int.MaxValue - sequence.TokenCount)
            throw Broken($"sequence {index} begins at position {sequence.StartPosition}");
        var run = 0;
        for (var i = 0; i < sequence.TokenCount; i++)
        {
            var position = sequence.StartPosition + i;
            if (Positions[firstToken + i] != position)
                throw Broken($"token {firstToken + i} is at position {Positions[firstToken + i]}, its sequence expects {position}");
            if ((position + 1) % CpuKvCache.GroupTokens != 0 && i + 1 < sequence.TokenCount) continue;
            Runs.Add(new TokenRun(index, firstToken + run, i + 1 - run));
            run = i + 1;
        }

        return sequence.TokenCount;
    }

    private static ArgumentException Broken(string what) => new($"step batch: {what}");
}
