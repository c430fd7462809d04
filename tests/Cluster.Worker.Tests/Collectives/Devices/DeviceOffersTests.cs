using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Devices;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Collectives.Devices;

public sealed class DeviceOffersTests
{
    private static readonly DeviceOffer s_first = new() { Host = "h", Library = "NCCL 2.28.9", Device = "a" };

    public static TheoryData<DeviceOffer, string?> Others() => new()
    {
        { new DeviceOffer { Host = "h", Library = "NCCL 2.28.9", Device = "b" }, null },
        { new DeviceOffer { Host = "h", Library = "NCCL 2.28.9", Device = "a" }, "ranks 4 and 6 share a device" },
        { new DeviceOffer { Host = "i", Library = "NCCL 2.28.9", Device = "b" }, "ranks 4 and 6 are on different hosts" },
        { new DeviceOffer { Host = "h", Library = "NCCL 2.27.3", Device = "b" }, "ranks 4 and 6 have NCCL 2.28.9 and NCCL 2.27.3" },
        { new DeviceOffer { Problem = "it is small" }, "rank 6: it is small" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void OffersThatMakeNoGroupAreNamed(DeviceOffer other, string? obstacle) =>
        Assert.Equal(obstacle, DeviceOffers.FindObstacle([s_first, null, other], 4));

    [Fact]
    public void AnOfferSaysWhatTheDeviceBrings()
    {
        Assert.Equal("no library can be loaded", DeviceOffers.Make(new FakeCommunicators("a", library: null)).Problem);
        Assert.NotEqual("", DeviceOffers.Make(null).Problem);
        var offer = DeviceOffers.Make(new FakeCommunicators("a"));
        Assert.Equal(("", "fake 1", "a"), (offer.Problem, offer.Library, offer.Device));
        Assert.Equal(offer, DeviceOffers.Make(new FakeCommunicators("a")));
    }
}
