using Cluster.Coordinator.Planning.Costs;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Planning.Costs;

/// <summary>Worked out by hand: 100 µs and 100 MB/s of the link, 25 µs a frame and 2 GB/s of the thread.</summary>
public sealed class WireCostTests
{
    private static readonly Link s_link = new(100e-6, 100e6);

    [Theory]
    [InlineData(WireFormat.F32, 1, 1000, 0)]
    [InlineData(WireFormat.F32, 2, 1000, 100 + 40 + 25 + 2)]
    [InlineData(WireFormat.F16, 2, 1000, 100 + 20 + 25 + 1)]
    [InlineData(WireFormat.Q80, 2, 3200, 100 + 34 + 25 + 1.7)]
    [InlineData(WireFormat.F32, 4, 1000, 100 + 120 + 75 + 6)]
    [InlineData(WireFormat.F32, 4, 32768, 2 * (100 + 983.04 + 75 + 49.152))] // slices of 8192 to three peers, twice
    public void All_reduces_cost_what_their_frames_do(WireFormat format, int ranks, int values, double microseconds) =>
        Assert.Equal(microseconds * 1e-6, WireCost.Of(format).AllReduce(ranks, values, s_link), 1e-12);

    [Fact]
    public void A_stage_hands_over_one_frame() => Assert.Equal(167e-6, WireCost.Of(WireFormat.F32).Send(1000, s_link), 1e-12);
}
