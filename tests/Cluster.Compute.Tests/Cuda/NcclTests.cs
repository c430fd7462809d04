using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Operations;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class NcclTests
{
    private static readonly CudaDeviceProvider s_provider = new();

    /// <summary>The last are more than peer memory has room for at once.</summary>
    private static readonly int[] s_counts = [1, 7, 4096, 8 * 4096, 65_536, 70_000, (1 << 21) + 3, ExchangeRanks.MostStagedOf(2) + 70_005];

    /// <summary>For what takes milliseconds, where ranks wait for each other in vain.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [CudaPairFact]
    public async Task Sums_have_the_same_bits_on_both_devices()
    {
        using var first = s_provider.Open(0, new DeviceOptions());
        using var second = s_provider.Open(1, new DeviceOptions());
        Assert.NotEqual(first.Communicators!.DeviceId, second.Communicators!.DeviceId);
        using var limit = new CancellationTokenSource(s_limit);
        var ranks = await JoinAsync([first, second], () => limit.IsCancellationRequested ? "a sum takes too long" : null);
        using var leave = new Leaving(ranks);
        foreach (var count in s_counts)
        {
            var (a, b) = (RandomValues.Normal(1, count), RandomValues.Normal(2, count));
            using var bufferA = first.Buffer([.. a, 5]);
            using var bufferB = second.Buffer([.. b, 6]);

            // The second sum is queued behind the first. Each rank has a thread of its own, as NCCL may connect ways that it has not used before, and
            // devices put sums off until they are waited for.
            await Task.WhenAll(
                Task.Run(() => AllReduceTwice(first, ranks[0], bufferA, count)),
                Task.Run(() => AllReduceTwice(second, ranks[1], bufferB, count)));

            var sums = bufferA.ToArray();
            Assert.Equal(sums[..count], bufferB.ToArray()[..count]);
            Assert.Equal((5, 6), (sums[count], bufferB.ToArray()[count]));
            for (var i = 0; i < count; i++) Assert.Equal(2 * (a[i] + b[i]), sums[i]);
        }
    }

    [CudaPairTheory]
    [InlineData(TensorType.Q4_0, 1)]
    [InlineData(TensorType.Q4_0, 3)]
    [InlineData(TensorType.Q8_0, 8)]
    [InlineData(TensorType.Q4_K, 1)]
    [InlineData(TensorType.F16, 2)]
    [InlineData(TensorType.Q4_0, 160)]
    public async Task Layers_over_two_devices_give_what_one_gives(TensorType type, int tokens)
    {
        var devices = new[] { (CudaDevice)s_provider.Open(0, new DeviceOptions()), (CudaDevice)s_provider.Open(1, new DeviceOptions()) };
        using (var both = new RankLayers(devices[0], type, tokens, 0, 1))
        {
            var layers = devices.Select((device, rank) => new RankLayers(device, type, tokens, rank)).ToArray();
            LoadKernels(devices, type, tokens);
            using var limit = new CancellationTokenSource(s_limit);
            var ranks = await JoinAsync(devices, () => limit.IsCancellationRequested ? "a sum takes too long" : null);
            using var leave = new Leaving(ranks);
            for (var step = 0; step < 3; step++)
            {
                both.Forward(null);
                var expected = both.Hidden.ToArray();

                await Task.WhenAll(layers.Select((layer, rank) => Task.Run(() =>
                {
                    layer.Forward(ranks[rank].AllReduce);
                    devices[rank].Synchronize();
                })));

                var hidden = layers[0].Hidden.ToArray();
                Assert.Equal(hidden, layers[1].Hidden.ToArray());
                if (ranks[0].Library.EndsWith(" and peer memory", StringComparison.Ordinal)) Assert.Equal(expected, hidden);
                else Assert.InRange(TestTensor.NormalizedError(expected, hidden), 0, MatMulChecks.QuantizationError);
            }

            foreach (var layer in layers) layer.Dispose();
        }

        foreach (var device in devices) device.Dispose();
    }

    [CudaPairTheory]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public async Task A_lost_rank_ends_the_wait_and_spares_the_device(int count)
    {
        using var first = s_provider.Open(0, new DeviceOptions());
        using var second = s_provider.Open(1, new DeviceOptions());
        var ranks = await JoinAsync([first, second], () => "rank 1 is lost");
        using var leave = new Leaving(ranks);
        using var buffer = first.Buffer(RandomValues.Normal(1, count));
        for (var i = 0; i < 64; i++) ranks[0].AllReduce(buffer, count);

        Assert.Equal("rank 1 is lost", Assert.Throws<PeerLostException>(() => first.Synchronize()).Message);

        Assert.Throws<PeerLostException>(() => ranks[0].AllReduce(buffer, count));
        var values = RandomValues.Normal(3, 4096);
        using var other = first.Buffer(values);
        first.Add(other, other, 1, 4096);
        Assert.Equal(values.Select(value => value + value), other.ToArray());
    }

    /// <summary>A driver may want a device idle to load a kernel, and one that waits for the other rank of this process is not.</summary>
    private static void LoadKernels(CudaDevice[] devices, TensorType type, int tokens)
    {
        foreach (var device in devices)
        {
            using var alone = RankLayers.Meet(device)[0];
            using var layers = new RankLayers(device, type, tokens, 0);
            layers.Forward((buffer, count) => device.Sum(alone, (CudaBuffer)buffer, count));
            device.Synchronize();
        }
    }

    private static void AllReduceTwice(IDevice device, IDeviceCollective rank, DeviceBuffer buffer, int count)
    {
        rank.AllReduce(buffer, count);
        rank.AllReduce(buffer, count);
        device.Synchronize();
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
