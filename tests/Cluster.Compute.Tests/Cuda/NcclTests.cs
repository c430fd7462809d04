using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class NcclTests
{
    private static readonly CudaDeviceProvider s_provider = new();
    private static readonly int[] s_counts = [1, 7, 4096, 8 * 4096, (1 << 20) + 3];

    [CudaPairFact]
    public async Task Sums_have_the_same_bits_on_both_devices()
    {
        using var first = s_provider.Open(0, new DeviceOptions());
        using var second = s_provider.Open(1, new DeviceOptions());
        Assert.NotEqual(first.Communicators!.DeviceId, second.Communicators!.DeviceId);
        var ranks = await JoinAsync([first, second], () => null);
        using var leave = new Leaving(ranks);
        foreach (var count in s_counts)
        {
            var (a, b) = (RandomValues.Normal(1, count), RandomValues.Normal(2, count));
            using var bufferA = first.Buffer([.. a, 5]);
            using var bufferB = second.Buffer([.. b, 6]);

            // The second sum is queued behind the first. Each rank has a thread of its own, as NCCL may connect ways that it has not used before.
            await Task.WhenAll(
                Task.Run(() => AllReduceTwice(ranks[0], bufferA, count)),
                Task.Run(() => AllReduceTwice(ranks[1], bufferB, count)));

            var sums = bufferA.ToArray();
            Assert.Equal(sums[..count], bufferB.ToArray()[..count]);
            Assert.Equal((5, 6), (sums[count], bufferB.ToArray()[count]));
            for (var i = 0; i < count; i++) Assert.Equal(2 * (a[i] + b[i]), sums[i]);
        }
    }

    [CudaPairFact]
    public async Task A_lost_rank_ends_the_wait_and_spares_the_device()
    {
        using var first = s_provider.Open(0, new DeviceOptions());
        using var second = s_provider.Open(1, new DeviceOptions());
        var ranks = await JoinAsync([first, second], () => "rank 1 is lost");
        using var leave = new Leaving(ranks);
        using var buffer = first.Buffer(RandomValues.Normal(1, 4096));
        for (var i = 0; i < 64; i++) ranks[0].AllReduce(buffer, 4096);

        Assert.Equal("rank 1 is lost", Assert.Throws<PeerLostException>(() => first.Synchronize()).Message);

        Assert.Throws<PeerLostException>(() => ranks[0].AllReduce(buffer, 4096));
        var values = RandomValues.Normal(3, 4096);
        using var other = first.Buffer(values);
        first.Add(other, other, 1, 4096);
        Assert.Equal(values.Select(value => value + value), other.ToArray());
    }


    private static void AllReduceTwice(IDeviceCollective rank, DeviceBuffer buffer, int count)
    {
        rank.AllReduce(buffer, count);
        rank.AllReduce(buffer, count);
    }

    private static async Task<IDeviceCollective[]> JoinAsync(IDevice[] devices, Func<string?> findLoss)
    {
        var id = devices[0].Communicators!.CreateId();
        return await Task.WhenAll(devices.Select((device, rank) => Task.Factory.StartNew(
            () => device.Communicators!.Join(id, rank, devices.Length, findLoss, CancellationToken.None),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    private sealed class Leaving(IDeviceCollective[] ranks) : IDisposable
    {
        public void Dispose()
        {
            foreach (var rank in ranks) rank.Dispose();
        }
    }
}
