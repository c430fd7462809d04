using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Xunit.Abstractions;

namespace Cluster.Worker.Tests.Allocations;

[Collection(AllocationCollection.Name)]
public sealed class ExchangeAllocationTests(ITestOutputHelper log)
{
    private const int WarmUpOperations = 500;
    private const int Operations = 10_000;
    private const int Rounds = 3;

    /// <summary>
    /// The framework's HTTP/2 allocates for every frame (Kestrel when a flush does not complete at once, SocketsHttpHandler when a read
    /// does not); nothing of ours, neither of the links nor of Cluster.Grpc, may add to that.
    /// </summary>
    [Fact]
    public async Task FramesOverRealStreamsAllocateNothingOfOurs()
    {
        AllocationSampler? sampler = null;
        long before = 0;
        await using var cluster = await TestCluster.StartAsync(2, 1, (rank, collective, _, batch, _) =>
        {
            var buffer = new HostBuffer(new float[2048]);
            for (var i = 0; i < WarmUpOperations; i++) collective.AllReduce(buffer, buffer.Values.Length);
            if (rank == 0)
            {
                before = GC.GetTotalAllocatedBytes(precise: true);
                sampler = new AllocationSampler();
            }

            for (var i = 0; i < Operations; i++) collective.AllReduce(buffer, buffer.Values.Length);
            if (rank == 0) before = GC.GetTotalAllocatedBytes(precise: true) - before;
        }, channel: ChannelKind.Grpc);

        var results = await cluster.RunAsync(1);
        sampler!.Dispose();

        Assert.All(results, result => Assert.Equal("", result.Error));
        log.WriteLine($"{before / (2.0 * Operations):F0} bytes a frame, both ends together; sampled:");
        foreach (var (type, count) in sampler.Samples.OrderByDescending(sample => sample.Value)) log.WriteLine($"{count,6} {type}");
        var ours = sampler.Samples.Keys.Where(type => type.Contains("Cluster.", StringComparison.Ordinal) || type.Contains("Grpc.", StringComparison.Ordinal));
        Assert.Empty(ours);
        Assert.DoesNotContain(sampler.Samples, sample => sample.Key.EndsWith("[]", StringComparison.Ordinal) && sample.Value > 2);
        Assert.NotEmpty(sampler.Samples);
    }

    /// <summary>
    /// On the threads that compute not a byte, once buffers have their size: counted exactly, so that few operations do. Of some rounds the least counts, as
    /// what is made once, when a way is first taken that a quiet machine has no need of, is none of any frame's.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FramesOverSocketsAllocateNothing(bool isSecure)
    {
        using var authority = isSecure ? new TestAuthority(TimeProvider.System) : null;
        var allocated = new long[2];
        await using var cluster = await TestCluster.StartAsync(2, 1, (rank, collective, _, _, _) =>
        {
            var buffer = new HostBuffer(new float[2048]);
            for (var i = 0; i < WarmUpOperations; i++) collective.AllReduce(buffer, buffer.Values.Length);
            allocated[rank] = long.MaxValue;
            for (var round = 0; round < Rounds; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < WarmUpOperations; i++) collective.AllReduce(buffer, buffer.Values.Length);
                allocated[rank] = Math.Min(allocated[rank], GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }, authority: authority);

        var results = await cluster.RunAsync(1);

        Assert.All(results, result => Assert.Equal("", result.Error));
        Assert.Equal([0, 0], allocated);
    }
}
