using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>Logits kept to be compared with later steps', in parts of <see cref="LanguageModelHead.RowsAtOnce"/> rows that are made when first needed.</summary>
internal sealed class BaselineLogits(ShardScratch scratch, int vocabularySize)
{
    private readonly List<DeviceBuffer> _parts = [];

    public DeviceBuffer Part(int index)
    {
        while (_parts.Count <= index) _parts.Add(scratch.Allocate((long)LanguageModelHead.RowsAtOnce * vocabularySize));
        return _parts[index];
    }
}
