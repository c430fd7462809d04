using Cluster.Compute.Devices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// The step's attention work in pieces that threads take one after the other, the same for all layers. Every context is attended to in
/// ranges of the same positions, whose results are merged in order, by one item after the other or by an item each: a token's result
/// depends neither on the number of threads nor on what else is in the step.
/// </summary>
internal sealed class AttentionPlan
{
    /// <summary>Rows (query tokens × query heads of one KV head) that share each decoded key and value in prefill.</summary>
    private const int TileRows = 64;

    /// <summary>Up to this many query tokens of a sequence, each range is an item of its own (flash-decoding).</summary>
    private const int MaxSplitTokens = 8;

    private long _version = -1;
    private AttentionShape? _shape;

    /// <summary>Positions of a range, whole tiles: few enough that a long context keeps many threads busy with one token.</summary>
    public const int RangeTokens = 8 * AttentionWorkspace.TileTokens;

    public GrowingArray<AttentionItem> Items { get; } = new();

    /// <summary>Rows of the largest item.</summary>
    public int MaxRows { get; private set; }

    /// <summary>Rows of the largest item that merges ranges.</summary>
    public int MaxMergedRows { get; private set; }

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
        (MaxRows, MaxMergedRows, SplitOutputs, PartialFloats, Scores) = (0, 0, 0, 0, 0);
        for (var i = 0; i < step.Sequences.Count; i++)
        {
            var sequence = step.Sequences[i];
            if (sequence.TokenCount <= MaxSplitTokens && sequence.StartPosition + sequence.TokenCount > RangeTokens) AddSplit(sequence, i, shape, rowFloats);
            else AddTiles(sequence, i, shape);
        }
    }

    private void AddSplit(SequenceSpan sequence, int index, AttentionShape shape, int rowFloats)
    {
        var end = sequence.StartPosition + sequence.TokenCount;
        var ranges = Ranges(end);
        for (var kvHead = 0; kvHead < shape.KvHeadCount; kvHead++)
        {
            for (var range = 0; range < ranges; range++)
            {
                Add(new AttentionItem(
                    index, sequence.FirstToken, sequence.TokenCount, kvHead, range * RangeTokens, Math.Min(end, (range + 1) * RangeTokens),
                    range, ranges, SplitOutputs, PartialFloats), shape);
            }

            SplitOutputs++;
            PartialFloats += (long)ranges * sequence.TokenCount * (shape.HeadCount / shape.KvHeadCount) * rowFloats;
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
                var end = sequence.StartPosition + last;
                Add(new AttentionItem(index, sequence.FirstToken + first, last - first, kvHead, 0, end, -1, Ranges(end), 0, 0), shape);
            }
        }
    }

    private static int Ranges(int end) => (end + RangeTokens - 1) / RangeTokens;

    private void Add(AttentionItem item, AttentionShape shape)
    {
        var rows = item.TokenCount * (shape.HeadCount / shape.KvHeadCount);
        MaxRows = Math.Max(MaxRows, rows);
        if (item.Range < 0 && item.RangeCount > 1) MaxMergedRows = Math.Max(MaxMergedRows, rows);
        Scores += (long)rows * (item.End - item.Start);
        Items.Add(item);
    }
}
