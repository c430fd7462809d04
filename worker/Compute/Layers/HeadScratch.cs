using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>Buffers of the language-model head.</summary>
internal sealed class HeadScratch(ShardScratch scratch, int hiddenSize, int vocabularySize)
{
    /// <summary>Hidden states picked for the rows at hand.</summary>
    public DeviceBuffer Gathered { get; } = scratch.Rows(hiddenSize);

    /// <summary>Normed hidden states of the last step's logits rows.</summary>
    public DeviceBuffer Kept { get; } = scratch.Rows(hiddenSize);

    /// <summary>Rows that <see cref="Kept"/> holds.</summary>
    public int KeptRows { get; set; }

    /// <summary>Empty until a step keeps its logits.</summary>
    public BaselineLogits Baseline { get; } = new(scratch, vocabularySize);

    public DeviceBuffer Logits { get; } = scratch.Allocate((long)LanguageModelHead.RowsAtOnce * vocabularySize);
}
