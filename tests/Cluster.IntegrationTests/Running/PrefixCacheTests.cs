namespace Cluster.IntegrationTests.Running;

public sealed class PrefixCacheTests
{
    private static readonly int[] s_prefix = [.. Enumerable.Range(0, 330).Select(i => (i * 7919 % 7000) + 300)];

    [Theory]
    [InlineData("2", "1")]
    [InlineData("1", "2")]
    public async Task Warm_requests_say_what_cold_ones_said(string tensorParallel, string pipeline)
    {
        string[] split = ["--local-workers", "2", "--threads", "1", "--tensor-parallel", tensorParallel, "--pipeline", pipeline];
        int[] own = [.. s_prefix, 301, 302, 303];
        using var cached = await ServeProcess.StartAsync(split);
        var cold = await cached.CompleteAsync(own, 40);
        var warm = await cached.CompleteAsync(own, 40);
        var other = await cached.CompleteAsync([.. s_prefix, 500, 501], 40);

        using var uncached = await ServeProcess.StartAsync([.. split, "--prefix-cache", "off"]);
        var otherCold = await uncached.CompleteAsync([.. s_prefix, 500, 501], 40);

        Assert.Equal((cold.Text, 320), warm);
        Assert.Equal((otherCold.Text, 320), other);
        Assert.Equal((0, 0), (cold.CachedTokens, otherCold.CachedTokens));
        Assert.NotEqual(cold.Text, other.Text);
    }
}
