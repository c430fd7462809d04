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
        data.Add(TensorType.Q4_0, 12);
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

    [CudaTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_get_the_same_bits_of_sums_of_all_sizes(int size)
    {
        var devices = Enumerable.Range(0, size).Select(_ => (CudaDevice)CudaTestDevice.Open()).ToArray();
        var exchanges = RankLayers.Meet(devices);
        foreach (var count in new[] { 1, 7, 131, 4096, ExchangeRanks.MostValues })
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
