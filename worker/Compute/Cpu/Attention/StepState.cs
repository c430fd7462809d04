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

    /// <summary>Index in <see cref="Sequences"/> of each token's sequence.</summary>
    public GrowingArray<int> TokenSequences { get; } = new();

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
        TokenSequences.Clear();
        if (batch.Positions.Count != batch.TokenCount) throw Broken($"{batch.TokenCount} tokens but {batch.Positions.Count} positions");
        batch.Positions.Span.CopyTo(Positions.Append(batch.TokenCount));
        batch.Sequences.Span.CopyTo(Sequences.Append(batch.Sequences.Count));
        batch.BlockTable.Span.CopyTo(BlockTable.Append(batch.BlockTable.Count));
        var tokenSequences = TokenSequences.Append(batch.TokenCount);
        tokenSequences.Fill(-1);
        for (var i = 0; i < Sequences.Count; i++) Place(Sequences[i], i, tokenSequences);
        if (tokenSequences.Contains(-1)) throw Broken($"token {tokenSequences.IndexOf(-1)} belongs to no sequence");
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

    private void Place(SequenceSpan sequence, int index, Span<int> tokenSequences)
    {
        if (sequence.FirstToken < 0 || sequence.TokenCount < 1 || sequence.TokenCount > tokenSequences.Length - sequence.FirstToken)
            throw Broken($"sequence {index} has {sequence.TokenCount} tokens from {sequence.FirstToken} of {tokenSequences.Length}");
        if (sequence.FirstBlock < 0 || sequence.BlockCount < 1 || sequence.BlockCount > BlockTable.Count - sequence.FirstBlock)
            throw Broken($"sequence {index} has {sequence.BlockCount} blocks from {sequence.FirstBlock} of {BlockTable.Count}");
        if (sequence.StartPosition < 0 || sequence.StartPosition > int.MaxValue - sequence.TokenCount)
            throw Broken($"sequence {index} begins at position {sequence.StartPosition}");
        for (var i = 0; i < sequence.TokenCount; i++)
        {
            var token = sequence.FirstToken + i;
            if (Positions[token] != sequence.StartPosition + i)
                throw Broken($"token {token} is at position {Positions[token]}, its sequence expects {sequence.StartPosition + i}");
            if (tokenSequences[token] >= 0) throw Broken($"token {token} belongs to two sequences");
            tokenSequences[token] = index;
        }
    }

    private static ArgumentException Broken(string what) => new($"step batch: {what}");
}
