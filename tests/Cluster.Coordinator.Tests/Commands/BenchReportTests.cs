using System.Text.Json;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Commands;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Commands;

public sealed class BenchReportTests
{
    private static readonly BenchmarkReport s_report = new("cluster bench --threads 1,2", "1.2.3", ["Chip (avx2)"], 3,
    [
        Row(new(128, 0, 0, 1), [1], 76.34, new LimitShare(20e9, 0.02), new LimitShare(186.4e9, 0.431)),
        Row(new(0, 64, 0, 1), [2], 8.126, new LimitShare(20.3e9, 0.624), new LimitShare(186.4e9, 0.1)),
        Row(new(0, 64, 0, 1), [2], 123.4, null, null),
    ]);

    [Fact]
    public void Markdown_tells_once_what_is_the_same_in_every_row()
    {
        using var output = new StringWriter();
        BenchMarkdown.Write(s_report, isBrokenDown: false, output);

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
        [
            "`cluster bench --threads 1,2`",
            "Chip (avx2); cluster 1.2.3; median of 3",
            "model some-q4_0, split 2x1, keys/values q8_0/iq4_nl, wire q8_0, channel grpc, depth 0, batch 1",
            "| threads | test | tok/s | least–most | first token, ms | of the limit |",
            "|---:|---|---:|---:|---:|---:|",
            "| 1 | pp128 | 76.3 | 68.7–84.0 | 120.5 | 43 % of 186.4 GMAC/s |",
            "| 2 | tg64 | 8.13 | 7.31–8.94 | 120.5 | 62 % of 20.3 GB/s |",
            "| 2 | tg64 | 123 | 111–136 | 120.5 | – |",
        ], lines);
    }

    [Fact]
    public void A_breakdown_has_a_line_for_each_rank()
    {
        using var output = new StringWriter();
        BenchMarkdown.Write(s_report with { Rows = [s_report.Rows[1]] }, isBrokenDown: true, output);

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
        [
            "| test | rank | attention | Q K V gate up | output down | head | other | wire | wait | streams | sampling | scheduling | step |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
            "| tg64 | 0 | 1.000 | 5.000 | 3.000 | 2.000 | 0.500 | 0.250 | 0.750 | 0.400 | 0.200 | 0.400 | 13.500 |",
            "| tg64 | 1 | 0.500 | 2.500 | 1.500 | 1.000 | 0.250 | 0.125 | 0.375 |  |  |  |  |",
        ], lines[^4..]);
    }

    [Fact]
    public void Kernels_are_those_of_the_rank_that_takes_longest()
    {
        using var output = new StringWriter();
        BenchMarkdown.Write(s_report with { Rows = [s_report.Rows[0], s_report.Rows[1] with { Kernels = Kernels }] }, isBrokenDown: true, output);

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
        [
            "Kernels of tg64, threads 2 on rank 1:",
            "| kernel | for | launches a step | µs a step | share | GB/s | of the limit |",
            "|---|---|---:|---:|---:|---:|---:|",
            "| product | Q K V gate up | 32 | 300.0 | 75.0 % | 2.0 | 75 % of 80.0 GMAC/s |",
            "| copy to host | wire | 0.5 | 100.0 | 25.0 % | 4.0 | 40 % of 10.0 GB/s |",
            "| all |  | 32.5 | 400.0 | 100.0 % | 2.5 | 56 % of 80.0 GMAC/s |",
        ], lines[^6..]);
    }

    [Fact]
    public void Json_has_the_kernels_of_every_rank()
    {
        using var output = new StringWriter();
        BenchJson.Write(s_report with { Rows = [s_report.Rows[1] with { Kernels = Kernels }] }, output);

        var ranks = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("rows")[0].GetProperty("kernels").EnumerateArray().ToArray();
        Assert.Equal([1, 2], ranks.Select(rank => rank.GetArrayLength()));
        var copy = ranks[1][1];
        Assert.Equal(("copy to host", "exchange", 0.5, 0.1, 400_000), (
            copy.GetProperty("name").GetString(), copy.GetProperty("for").GetString(), copy.GetProperty("launches").GetDouble(),
            copy.GetProperty("ms").GetDouble(), copy.GetProperty("bytes").GetInt64()));
    }

    [Fact]
    public void Json_has_the_fixed_names()
    {
        using var output = new StringWriter();
        BenchJson.Write(s_report, output);

        var json = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(["command", "version", "devices", "repetitions", "rows"], json.EnumerateObject().Select(property => property.Name));
        var rows = json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(
        [
            "model", "tensor_parallel", "pipeline", "threads", "kv_type_k", "kv_type_v", "wire", "channel", "test", "prompt", "generate", "depth", "batch",
            "tokens_per_second", "time_to_first_token_ms", "wire_bytes_per_token", "read_bytes_per_token", "multiply_adds_per_token",
            "read_bytes_per_second", "read_share", "multiply_adds_per_second", "multiply_add_share", "step_ms", "kernels",
        ], rows[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal((8.126, 0.624, "tg64"), (
            rows[1].GetProperty("tokens_per_second").GetProperty("median").GetDouble(), rows[1].GetProperty("read_share").GetDouble(), rows[1].GetProperty("test").GetString()));
        var steps = rows[0].GetProperty("step_ms");
        Assert.Equal((10, 13.5, 0.4), (steps.GetProperty("steps").GetInt32(), steps.GetProperty("total").GetDouble(), steps.GetProperty("scheduling").GetDouble()));
        Assert.Equal([0.75, 0.375], steps.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetProperty("wait").GetDouble()));
        Assert.Equal(JsonValueKind.Null, rows[2].GetProperty("read_bytes_per_second").ValueKind);
    }

    /// <summary>Two steps; the second rank's kernels take longer.</summary>
    private static KernelBreakdown Kernels => new(2,
    [
        [new KernelSum("product", KernelPart.ColumnProducts, 64, 500_000, 1_200_000, 36_000_000)],
        [
            new KernelSum("product", KernelPart.ColumnProducts, 64, 600_000, 1_200_000, 36_000_000),
            new KernelSum("copy to host", KernelPart.Exchange, 1, 200_000, 800_000, 0),
        ],
    ]);

    /// <summary>Ten steps; the second rank needs half of the first one's time.</summary>
    private static StepBreakdown Steps => new()
    {
        Steps = 10,
        Tokens = 10,
        Total = TimeSpan.FromMilliseconds(135),
        Slowest = TimeSpan.FromMilliseconds(125),
        Stream = TimeSpan.FromMilliseconds(4),
        Sampling = TimeSpan.FromMilliseconds(2),
        WireBytes = 40960,
        Ranks = [Rank(2), Rank(1)],
    };

    private static RankTimes Rank(double scale)
    {
        return new RankTimes(Part(5), Part(25), Part(15), Part(10), Part(1.25), Part(3.75), Part(2.5));

        TimeSpan Part(double milliseconds) => TimeSpan.FromMilliseconds(scale * milliseconds);
    }

    private static BenchmarkRow Row(BenchmarkTest test, int[] threads, double rate, LimitShare? read, LimitShare? multiplyAdds) => new()
    {
        Model = "some-q4_0",
        Split = new SplitSize(2, 1),
        Threads = [.. threads],
        Setup = new SessionSetup(new KvCacheFormat(), WireFormat.Q80, ChannelKind.Grpc),
        Test = test,
        TokensPerSecond = new Spread(rate, 0.9 * rate, 1.1 * rate),
        FirstTokenSeconds = new Spread(0.1205, 0.1, 0.2),
        WireBytesPerToken = 4096,
        Steps = Steps,
        Limits = [new RankLimits(20e9, 0), new RankLimits(10e9, 80e9)],
        ReadBytesPerToken = 6e8,
        MultiplyAddsPerToken = 1.1e9,
        Read = read,
        MultiplyAdds = multiplyAdds,
    };
}
