using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Grpc.Core;

namespace Cluster.Worker.Tests.Services;

public sealed class LinkMeterTests
{
    [Fact]
    public async Task LinksAreMeasuredInTheOrderOfTheRequest()
    {
        await using var cluster = await TestCluster.StartAsync(2, 1, (_, _, _, _, _) => { });
        var request = new MeasureLinksRequest { Addresses = { "127.0.0.1:1", cluster.Workers[1].Address, "no address" } };

        var links = (await cluster.Workers[0].Client.MeasureLinksAsync(request)).Links;

        Assert.Equal(3, links.Count);
        Assert.Equal(new LinkLimits(), links[0]);
        Assert.True(links[1] is { LatencySeconds: >= 20e-6, BytesPerSecond: > 0 });
        Assert.Equal(new LinkLimits(), links[2]);
    }

    [Fact]
    public async Task NobodyIsAskedForLinksWithoutEnd()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, (_, _, _, _, _) => { });
        var request = new MeasureLinksRequest { Addresses = { Enumerable.Repeat("127.0.0.1:1", 1025) } };

        var e = await Assert.ThrowsAsync<RpcException>(async () => await cluster.Workers[0].Client.MeasureLinksAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
    }
}
