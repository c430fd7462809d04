using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>Buffers of the language-model head.</summary>
/// <param name="keptSteps">Steps whose logits rows can be asked about again: as many as are under way at a time.</param>
internal sealed class HeadScratch(ShardScratch scratch, int hiddenSize, int vocabularySize, int keptSteps)
{
    private readonly KeptRows[] _kept = [.. Enumerable.Range(0, keptSteps).Select(_ => new KeptRows(scratch.Rows(hiddenSize)))];
    private int _latest;

    /// <summary>Hidden states picked for the rows at hand.</summary>
    public DeviceBuffer Gathered { get; } = scratch.Rows(hiddenSize);

    /// <summary>Empty until a step keeps its logits.</summary>
    public BaselineLogits Baseline { get; } = new(scratch, vocabularySize);

    public DeviceBuffer Logits { get; } = scratch.Allocate((long)LanguageModelHead.RowsAtOnce * vocabularySize);

    /// <summary>Where a step keeps its rows, those of the oldest one that is kept.</summary>
    public KeptRows Keep(ulong stepId, int count)
    {
        _latest = (_latest + 1) % _kept.Length;
        _kept[_latest].Begin(stepId, count);
        return _kept[_latest];
    }

    /// <summary>The rows of a step, or null when they are not kept any more.</summary>
    public KeptRows? Find(ulong stepId)
    {
        foreach (var kept in _kept)
        {
            if (kept.StepId == stepId) return kept;
        }

        return null;
    }
}
