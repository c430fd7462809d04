using Cluster.Compute.Devices;

namespace Cluster.Compute.Collectives;

/// <summary>Hand-over of hidden states between pipeline stages, from each tensor rank to its peer in the next stage.</summary>
public interface IStageLink
{
    /// <summary>Fills the first <paramref name="count"/> elements with what the previous stage sent for this step.</summary>
    void Receive(DeviceBuffer buffer, int count);

    /// <summary>Sends the first <paramref name="count"/> elements to the next stage.</summary>
    void Send(DeviceBuffer buffer, int count);
}
