using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Devices;

namespace Cluster.Worker.Tests.Collectives.Devices;

public sealed class DeviceGroupLeaderTests
{
    [Fact]
    public async Task RanksThatMakeNoOfferAreNamed()
    {
        var leader = new DeviceGroupLeader(2, 3);

        var result = await leader.DecideAsync(
            new DeviceOffer { Host = "h", Library = "l", Device = "d" }, () => throw new InvalidOperationException(), _ => throw new InvalidOperationException(),
            TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Null(result.Collective);
        Assert.Equal("no offer came from rank 3, rank 4 within 0 s", result.Refusal);
    }

    [Fact]
    public async Task AShardThatEndsWaitsForNobody()
    {
        using var ending = new CancellationTokenSource();
        var leader = new DeviceGroupLeader(0, 2);
        var deciding = leader.DecideAsync(
            new DeviceOffer { Host = "h", Library = "l", Device = "d" }, () => throw new InvalidOperationException(), _ => throw new InvalidOperationException(),
            TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), ending.Token);

        await ending.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deciding);
    }
}
