using System.Collections.Concurrent;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Collectives;

/// <summary>Hand-over between two stages that run as threads of one process: what one side sends, <see cref="Next"/> receives.</summary>
public sealed class InProcessStageLink : IStageLink, IDisposable
{
    private readonly BlockingCollection<float[]> _received = [];

    /// <summary>The same tensor rank's link in the next stage; null on the last stage.</summary>
    public InProcessStageLink? Next { get; set; }

    public void Receive(DeviceBuffer buffer, int count)
    {
        _received.Take().AsSpan(0, count).CopyTo(buffer.OverwriteHost(count));
        buffer.WriteHost(count);
    }

    public void Send(DeviceBuffer buffer, int count)
    {
        var next = Next ?? throw new InvalidOperationException("The last stage has nobody to hand its hidden states to.");
        next._received.Add(buffer.ReadHost(count).ToArray());
    }

    public void Dispose() => _received.Dispose();
}
