using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>Sums through peer memory, of ranks that share one device.</summary>
[Collection(CudaGroup.Name)]
public class PeerExchangeTests(CudaTestDevice cuda)
{
    /// <summary>For what ends in microseconds on a device that is not busy otherwise.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    public static TheoryData<TensorType, int> TypesAndTokens()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var tokens in Enumerable.Range(1, 8)) data.Add(TensorType.Q4_0, tokens);
        foreach (var type in new[] { TensorType.Q8_0, TensorType.Q5_1, TensorType.IQ4_NL, TensorType.Q4_K }) data.Add(type, 1);
        foreach (var tokens in new[] { 1, 8, 12, 40 }) data.Add(TensorType.F16, tokens);
        foreach (var tokens in new[] { 12, 160 }) data.Add(TensorType.Q4_0, tokens);
        return data;
    }

    private CudaDevice Device => (CudaDevice)cuda.Device;

    [CudaTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void One_rank_alone_gives_what_there_is_without_sums(TensorType type, int tokens) => GivesWhatThereIsWithoutSums(type, tokens, steps: 3);

    [CudaFact]
    public void A_sum_that_nothing_is_added_to_stands_where_the_part_stood()
    {
        using var exchange = RankLayers.Meet(Device)[0];
        var values = RandomValues.Normal(4, 4096);
        using var buffer = Device.Buffer(values);
        Device.Sum(exchange, (CudaBuffer)buffer, 1000);
        Assert.True(Device.PutsOff(exchange));
        Assert.Equal(values, buffer.ToArray());
        Assert.False(Device.PutsOff(exchange));
    }

    [CudaFact]
    public void One_rank_alone_adds_more_values_than_have_room()
    {
        using var exchange = RankLayers.Meet(Device)[0];
        var count = ExchangeRanks.MostStagedOf(1) + 5;
        var (values, before) = (RandomValues.Normal(5, count), RandomValues.Normal(6, count + 1));
        using var part = Device.Buffer(values);
        using var buffer = Device.Buffer(before);
        Device.Sum(exchange, (CudaBuffer)part, count);
        Device.Add(buffer, part, 1, count);
        Assert.True(Device.PutsOff(exchange));
        Assert.Equal([.. before.Zip(values, (a, b) => a + b), before[count]], buffer.ToArray());
    }

    [CudaTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_get_the_same_bits_of_sums_of_all_sizes(int size)
    {
        var devices = Enumerable.Range(0, size).Select(_ => (CudaDevice)CudaTestDevice.Open()).ToArray();
        var exchanges = RankLayers.Meet(devices);
        foreach (var count in new[] { 1, 7, 131, 4096, ExchangeRanks.MostValues, 70_000, 100_003 })
        {
            var parts = Enumerable.Range(0, size).Select(rank => RandomValues.Normal(rank + 1, count)).ToArray();
            var buffers = devices.Select((device, rank) => device.Buffer([.. parts[rank], rank])).ToArray();
            const int Rounds = 3;
            for (var round = 0; round < Rounds; round++)
            {
                for (var rank = 0; rank < size; rank++) devices[rank].Sum(exchanges[rank], (CudaBuffer)buffers[rank], count);
                foreach (var device in devices) device.Finish();
            }

            var expected = Sum(parts, count);
            for (var round = 1; round < Rounds; round++) expected = Sum([.. Enumerable.Repeat(expected, size)], count);
            for (var rank = 0; rank < size; rank++)
            {
                Assert.Equal([.. expected, rank], buffers[rank].ToArray());
                buffers[rank].Dispose();
            }
        }

        foreach (var exchange in exchanges) exchange.Dispose();
        foreach (var device in devices) device.Dispose();
    }

    [CudaTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Ranks_that_wait_for_one_that_never_comes_can_be_told_to_end(int rank)
    {
        // The first steps have everything loaded and made that would want the device idle.
        GivesWhatThereIsWithoutSums(TensorType.Q4_0, tokens: 1, steps: 1);
        using var other = CudaTestDevice.Open();
        var exchanges = RankLayers.Meet(rank == 0 ? [Device, (CudaDevice)other] : [(CudaDevice)other, Device]);
        using var layers = new RankLayers(Device, TensorType.Q4_0, 1, rank);
        layers.Forward((buffer, count) => Device.Sum(exchanges[rank], (CudaBuffer)buffer, count));
        Device.Finish();

        exchanges[rank].Abandon();
        await Task.Run(Device.Synchronize).WaitAsync(s_limit);

        foreach (var exchange in exchanges) exchange.Dispose();
        GivesWhatThereIsWithoutSums(TensorType.Q4_0, tokens: 1, steps: 1);
    }

    [CudaTheory]
    [InlineData(70_000)]
    [InlineData(1 << 20)]
    public async Task A_rank_that_waits_for_many_values_can_be_told_to_end(int count)
    {
        var values = RandomValues.Normal(7, 70_000);
        using (var alone = RankLayers.Meet(Device)[0])
        using (var loaded = Device.Buffer(values))
        {
            Device.Sum(alone, (CudaBuffer)loaded, values.Length);
            Assert.Equal(values, loaded.ToArray());
        }

        using var other = CudaTestDevice.Open();
        var exchanges = RankLayers.Meet(Device, (CudaDevice)other);
        using var buffer = Device.Allocate(count);
        for (var i = 0; i < 4; i++) Device.Sum(exchanges[0], (CudaBuffer)buffer, count);
        Device.Finish();

        exchanges[0].Abandon();
        await Task.Run(Device.Synchronize).WaitAsync(s_limit);

        foreach (var exchange in exchanges) exchange.Dispose();
        using var next = Device.Buffer(values);
        Assert.Equal(values, next.ToArray());
    }

    private void GivesWhatThereIsWithoutSums(TensorType type, int tokens, int steps)
    {
        using var exchange = RankLayers.Meet(Device)[0];
        using var with = new RankLayers(Device, type, tokens, 0);
        using var without = new RankLayers(Device, type, tokens, 0);
        for (var step = 0; step < steps; step++)
        {
            with.Forward((buffer, count) => Device.Sum(exchange, (CudaBuffer)buffer, count));
            without.Forward(null);

            Assert.Equal(without.Hidden.ToArray(), with.Hidden.ToArray());
        }
    }

    private static float[] Sum(float[][] parts, int count)
    {
        var sums = new float[count];
        for (var i = 0; i < count; i++)
        {
            sums[i] = parts[0][i];
            for (var rank = 1; rank < parts.Length; rank++) sums[i] += parts[rank][i];
        }

        return sums;
    }
}
