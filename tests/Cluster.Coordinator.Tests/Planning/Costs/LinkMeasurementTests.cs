using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Planning.Costs;

public sealed class LinkMeasurementTests
{
    [Fact]
    public async Task Of_workers_that_cannot_be_asked_nothing_is_known()
    {
        var (a, b) = (TestMembers.Create("a", 1) with { Address = "127.0.0.1:1" }, TestMembers.Create("b", 1) with { Address = "127.0.0.2:1" });

        var links = await LinkMeasurement.RunAsync([a, b], member => WorkerChannel.Open(member, null), CancellationToken.None);

        Assert.Equal(Link.Gigabit, links.Between(a, b));
    }
}
