using Cluster.Model.Formats;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>What it takes to bring activations from rank to rank, in seconds.</summary>
/// <param name="bytesPerValue">As they travel.</param>
internal readonly struct WireCost(double bytesPerValue)
{
    /// <summary>Values of a partial up to which everyone sends all of it to everyone, as workers do in groups larger than two.</summary>
    private const int OneHopValues = 16 * 1024;

    /// <summary>A thread's work on one frame that it sends and the one that it receives for it: calls of the system, and waking up.</summary>
    private const double FrameSeconds = 25e-6;

    /// <summary>Coding, copying and adding of what is sent and received.</summary>
    private const double ThreadBytesPerSecond = 2e9;

    public static WireCost Of(WireFormat format) => new(format switch
    {
        WireFormat.F16 => 2,
        WireFormat.Q80 => TensorTraits.Get(TensorType.Q8_0).BytesFor(32) / 32.0,
        _ => sizeof(float),
    });

    /// <summary>The sum of a partial of each of some ranks, at all of them.</summary>
    public double AllReduce(int ranks, double values, Link link)
    {
        if (ranks < 2) return 0;

        return ranks == 2 || values <= OneHopValues
            ? Exchange(ranks, values, link)
            : 2 * Exchange(ranks, values / ranks, link); // slices to those who add them, then the sums to everyone
    }

    /// <summary>Values from one rank to another.</summary>
    public double Send(double values, Link link) => Exchange(2, values, link);

    /// <summary>Everyone sends so many values to each of the others, all over one network interface.</summary>
    private double Exchange(int ranks, double values, Link link)
    {
        var bytes = (ranks - 1) * values * bytesPerValue;
        return link.SecondsFor(bytes) + (ranks - 1) * FrameSeconds + bytes / ThreadBytesPerSecond;
    }
}
