using Cluster.Protos.V1;
using Cluster.Worker.Collectives;
using Cluster.Worker.Collectives.Wire;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Collectives;

public sealed class MeshCollectiveTests
{
    // Odd sizes, sizes below the number of ranks and of blocks, and one of several frames a slice.
    private static readonly int[] s_counts = [1, 7, 31, 32, 33, 100, 513, 2048, 16_385, 4 * 65_536 + 77];

    public static TheoryData<int, WireFormat, ChannelKind> Groups()
    {
        var groups = new TheoryData<int, WireFormat, ChannelKind>();
        foreach (var size in (ReadOnlySpan<int>)[2, 3, 4, 5])
        {
            foreach (var wire in Enum.GetValues<WireFormat>()) groups.Add(size, wire, ChannelKind.Socket);
            groups.Add(size, WireFormat.F16, ChannelKind.Grpc);
        }

        return groups;
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task AllRanksEndWithTheSameBits(int size, WireFormat wire, ChannelKind channel)
    {
        var partials = s_counts.Select(count => Enumerable.Range(0, size).Select(rank => Partial(rank, count)).ToArray()).ToArray();
        var sums = new (HostBuffer OneHop, HostBuffer Slices)[size][];
        await using var cluster = await TestCluster.StartAsync(size, 1, (rank, collective, link, _, _) =>
        {
            var grpc = Assert.IsType<MeshCollective>(collective);
            Assert.Null(link);
            sums[rank] = [.. partials.Select(ranks => (new HostBuffer([.. ranks[rank]]), new HostBuffer([.. ranks[rank]])))];
            foreach (var (oneHop, slices) in sums[rank])
            {
                grpc.AllReduceInOneHop(oneHop, oneHop.Values.Length);
                grpc.AllReduceInSlices(slices, slices.Values.Length);
            }
        }, wire, channel);

        var results = await cluster.RunAsync(1);

        Assert.All(results, result => Assert.Equal("", result.Error));
        for (var i = 0; i < s_counts.Length; i++)
        {
            var oneHop = Expected(partials[i], WireFormats.Find(wire)!, inSlices: false);
            var slices = Expected(partials[i], WireFormats.Find(wire)!, inSlices: true);
            for (var rank = 0; rank < size; rank++)
            {
                AssertSameBits(oneHop, sums[rank][i].OneHop.Values);
                AssertSameBits(slices, sums[rank][i].Slices.Values);
            }
        }
    }

    [Fact]
    public async Task ElementsBehindTheCountAreLeftAlone()
    {
        var buffers = new HostBuffer[3];
        await using var cluster = await TestCluster.StartAsync(3, 1, (rank, collective, _, _, _) =>
        {
            buffers[rank] = new HostBuffer([.. Enumerable.Range(0, 50).Select(i => (float)(i + rank))]);
            collective.AllReduce(buffers[rank], 40);
        });

        await cluster.RunAsync(1);

        for (var rank = 0; rank < 3; rank++)
        {
            for (var i = 0; i < 50; i++) Assert.Equal(i < 40 ? 3 * i + 3 : i + rank, buffers[rank].Values[i]);
        }
    }

    // A frame of 2048 values as f32: over gRPC 5 bytes, plan, step and the payload's tag and length (operation 0 and kind 0 take none).
    [Theory]
    [InlineData(ChannelKind.Socket, 32 + 8192)]
    [InlineData(ChannelKind.Grpc, 5 + 2 + 2 + 3 + 8192)]
    public async Task AnAnswerCountsTheBytesAndTheTime(ChannelKind channel, int frame)
    {
        const int count = 2048;
        await using var cluster = await TestCluster.StartAsync(2, 1, (rank, collective, _, _, _) =>
            collective.AllReduce(new HostBuffer(Partial(rank, count)), count), channel: channel);

        var results = await cluster.RunAsync(1);

        foreach (var result in results)
        {
            Assert.Equal((ulong)(frame + 5 + result.CalculateSize()), result.WireBytes);
            Assert.InRange(result.TotalNanoseconds, 1ul, 60_000_000_000ul);
            Assert.InRange(result.ExchangeNanoseconds, 1ul, result.TotalNanoseconds);
            Assert.InRange(result.WaitNanoseconds, 0ul, result.ExchangeNanoseconds);
        }
    }

    /// <summary>Whether a peer that lives is late is chance; one that never sends is waited for, whenever it ends.</summary>
    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task AnAnswerCountsTheWaitForAPeerThatIsLost(ChannelKind channel)
    {
        await using var cluster = await TestCluster.StartAsync(
            1, 2, (_, _, link, _, _) => link!.Receive(new HostBuffer(new float[64]), 64), channel: channel);
        await cluster.Steps[1].RequestStream.WriteAsync(Requests.Step(1, 1));
        await cluster.Workers[0].DisposeAsync();

        var result = await cluster.ReceiveAsync(1);

        Assert.StartsWith("rank 0 at ", result.Error, StringComparison.Ordinal);
        Assert.InRange(result.WaitNanoseconds, 1ul, result.TotalNanoseconds);
    }

    /// <summary>Values of several magnitudes, so that an order of additions other than by rank gives other bits.</summary>
    private static float[] Partial(int rank, int count)
    {
        var random = new Random(1000 * rank + count);
        var values = new float[count];
        var scale = 0f;
        for (var i = 0; i < count; i++)
        {
            if (i % 8 == 0) scale = MathF.Pow(10, random.Next(-3, 4));
            values[i] = (random.NextSingle() - 0.5f) * scale;
        }

        return values;
    }

    private static float[] Expected(float[][] partials, IWireFormat wire, bool inSlices)
    {
        var count = partials[0].Length;
        var sum = new float[count];
        if (!inSlices) return Sum(partials, wire, 0, count);

        var part = 65_536 * partials.Length;
        for (var start = 0; start < count; start += part)
        {
            var slicing = new Slicing(start, count, part, partials.Length);
            for (var rank = 0; rank < partials.Length; rank++)
            {
                var (from, length) = slicing[rank].GetOffsetAndLength(count);
                ThroughTheWire(wire, Sum(partials, wire, from, length)).CopyTo(sum, from);
            }
        }

        return sum;
    }

    private static float[] Sum(float[][] partials, IWireFormat wire, int start, int count)
    {
        var sum = ThroughTheWire(wire, partials[0].AsSpan(start, count));
        foreach (var partial in partials.AsSpan(1))
        {
            var coded = ThroughTheWire(wire, partial.AsSpan(start, count));
            for (var i = 0; i < count; i++) sum[i] += coded[i];
        }

        return sum;
    }

    private static float[] ThroughTheWire(IWireFormat wire, ReadOnlySpan<float> values)
    {
        var bytes = new byte[wire.EncodedLength(values.Length)];
        var decoded = new float[values.Length];
        wire.Encode(values, bytes);
        wire.Decode(bytes, decoded);
        return decoded;
    }

    private static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{i}: {actual[i]:R}, not {expected[i]:R}");
    }
}
