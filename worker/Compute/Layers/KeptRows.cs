using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>Normed hidden states of a step's logits rows, kept so that more can be had of them later.</summary>
internal sealed class KeptRows(DeviceBuffer states)
{
    public DeviceBuffer States { get; } = states;

    public ulong StepId { get; private set; }

    /// <summary>Rows; 0 before there was a step.</summary>
    public int Count { get; private set; }

    public void Begin(ulong stepId, int count) => (StepId, Count) = (stepId, count);
}
