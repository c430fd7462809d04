using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Devices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// The step's attention work in pieces that threads take one after the other, the same for all layers. It depends on positions only and
/// never on the number of threads, so that a token's result does not either.
/// </summary>
internal sealed class AttentionPlan
{
    /// <summary>Rows (query tokens × query heads of one KV head) that share each decoded key and value in prefill.</summary>
    private const int TileRows = 64;

    /// <summary>Up to this many query tokens of a sequence, its context is split into ranges (flash-decoding).</summary>
    private const int MaxSplitTokens = 8;

    /// <summary>Positions that are worth a range of their own.</summary>
    private const int MinSplitPositions = 128;

    private const int MaxSplits = 32;

    private long _version = -1;
    private AttentionShape? _shape;

    public GrowingArray<AttentionItem> Items { get; } = new();

    /// <summary>Rows of the largest item.</summary>
    public int MaxRows { get; private set; }

    /// <summary>Outputs whose context was split.</summary>
    public int SplitOutputs { get; private set; }

    /// <summary>Partial results, in rows of <c>rowFloats</c> as given to <see cref="Update"/>.</summary>
    public long PartialFloats { get; private set; }

    /// <summary>Query rows times positions to be scored, over all items.</summary>
    public long Scores { get; private set; }

    /// <summary>Plans the current step anew if it or the shape is another.</summary>
    public void Update(StepState step, AttentionShape shape, int rowFloats)
    {
        if (_version == step.Version && _shape == shape) return;
        (_version, _shape) = (step.Version, shape);
        Items.Clear();
        (MaxRows, SplitOutputs, PartialFloats, Scores) = (0, 0, 0, 0);
        for (var i = 0; i < step.Sequences.Count; i++)
        {
            var sequence = step.Sequences[i];
            if (sequence.TokenCount <= MaxSplitTokens) AddSplit(sequence, i, shape, rowFloats);
            else AddTiles(sequence, i, shape);
        }
    }

    private void AddSplit(SequenceSpan sequence, int index, AttentionShape shape, int rowFloats)
    {
        var end = sequence.StartPosition + sequence.TokenCount;
        var splits = Math.Clamp((end + MinSplitPositions - 1) / MinSplitPositions, 1, MaxSplits);
        var length = (end + splits - 1) / splits;
        length = (length + CpuKvCache.GroupTokens - 1) / CpuKvCache.GroupTokens * CpuKvCache.GroupTokens;
        splits = (end + length - 1) / length;
        for (var kvHead = 0; kvHead < shape.KvHeadCount; kvHead++)
        {
            for (var split = 0; split < splits; split++)
            {
                Add(new AttentionItem(
                    index, sequence.FirstToken, sequence.TokenCount, kvHead, split * length, Math.Min(end, (split + 1) * length),
                    splits > 1 ? split : -1, splits, SplitOutputs, PartialFloats), shape);
            }

            if (splits == 1) continue;
            SplitOutputs++;
            PartialFloats += (long)splits * sequence.TokenCount * (shape.HeadCount / shape.KvHeadCount) * rowFloats;
        }
    }

    private void AddTiles(SequenceSpan sequence, int index, AttentionShape shape)
    {
        // At least four tiles a KV head, for threads to share.
        var group = shape.HeadCount / shape.KvHeadCount;
        var tokens = Math.Clamp((sequence.TokenCount + 3) / 4, 1, Math.Max(1, TileRows / group));
        // Later tokens see more: the longest items first leave the threads ending together.
        for (var last = sequence.TokenCount; last > 0; last -= tokens)
        {
            var first = Math.Max(0, last - tokens);
            for (var kvHead = 0; kvHead < shape.KvHeadCount; kvHead++)
            {
                Add(new AttentionItem(
                    index, sequence.FirstToken + first, last - first, kvHead, 0, sequence.StartPosition + last, -1, 1, 0, 0), shape);
            }
        }
    }

    private void Add(AttentionItem item, AttentionShape shape)
    {
        var rows = item.TokenCount * (shape.HeadCount / shape.KvHeadCount);
        MaxRows = Math.Max(MaxRows, rows);
        Scores += (long)rows * (item.End - item.Start);
        Items.Add(item);
    }
}
