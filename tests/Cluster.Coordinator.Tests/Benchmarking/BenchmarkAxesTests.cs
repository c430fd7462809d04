using Cluster.Coordinator.Benchmarking;
using Cluster.Model.Formats;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Benchmarking;

public sealed class BenchmarkAxesTests
{
    private static readonly BenchmarkAxes s_axes = new()
    {
        Prompts = [0, 128, 512],
        Generates = [64],
        Depths = [0, 4096],
        Batches = [1, 8],
        Splits = [new(1, 1), new(2, 1)],
        Threads = [1, 2],
        CacheFormats = [new(), new() { KeyType = TensorType.F16, ValueType = TensorType.F16 }],
        Wires = [WireFormat.F32, WireFormat.Q80],
        Channels = [ChannelKind.Socket, ChannelKind.Grpc],
    };

    [Fact]
    public void Tests_are_the_product_of_depths_batches_and_lengths()
    {
        var tests = s_axes.Tests;

        Assert.Equal(2 * 2 * 3, tests.Length);
        Assert.Equal(tests.Length, tests.Distinct().Count());
        Assert.Equal(["pp128", "pp512", "tg64"], tests[..3].Select(test => test.Name));
        Assert.Equal([(0, 1), (0, 8), (4096, 1), (4096, 8)], tests.Select(test => (test.Depth, test.Batch)).Distinct());
    }

    [Fact]
    public void Lengths_of_nothing_are_left_out()
    {
        Assert.Empty((s_axes with { Prompts = [0], Generates = [0] }).Tests);
        Assert.All((s_axes with { Generates = [0] }).Tests, test => Assert.True(test.IsPrefill));
    }

    [Fact]
    public void Each_split_is_measured_with_all_threads()
    {
        WorkerSetup[] expected = [new(new(1, 1), 1), new(new(1, 1), 2), new(new(2, 1), 1), new(new(2, 1), 2)];

        Assert.Equal(expected, s_axes.WorkerSetups.AsEnumerable());
    }

    [Fact]
    public void Wires_and_channels_differ_only_where_something_is_sent()
    {
        Assert.Equal(
            [("q8_0/iq4_nl", WireFormat.F32, ChannelKind.Socket), ("f16/f16", WireFormat.F32, ChannelKind.Socket)],
            s_axes.SessionSetups(workers: 1).Select(setup => (setup.CacheFormat.ToString(), setup.Wire, setup.Channel)));
        Assert.Equal(
            [(WireFormat.F32, ChannelKind.Socket), (WireFormat.F32, ChannelKind.Grpc), (WireFormat.Q80, ChannelKind.Socket), (WireFormat.Q80, ChannelKind.Grpc)],
            s_axes.SessionSetups(workers: 2)[..4].Select(setup => (setup.Wire, setup.Channel)));
        Assert.Equal(8, s_axes.SessionSetups(workers: 2).Distinct().Count());
    }

    [Theory]
    [InlineData(0, 64, 4096, 1, 65, 4096 + 1 + 65)]
    [InlineData(512, 0, 4096, 512, 1, 4096 + 512 + 1)]
    public void Decoding_begins_with_a_prompt_of_one(int prompt, int generate, int depth, int promptTokens, int generatedTokens, int sequenceTokens)
    {
        var test = new BenchmarkTest(prompt, generate, depth, 1);

        Assert.Equal((promptTokens, generatedTokens, sequenceTokens), (test.PromptTokens, test.GeneratedTokens, test.SequenceTokens));
    }

    [Theory]
    [InlineData("1x1", 1, 1)]
    [InlineData("3x2", 3, 2)]
    public void Splits_are_ranks_by_stages(string text, int tensorParallel, int pipeline)
    {
        Assert.Equal(new SplitSize(tensorParallel, pipeline), SplitSize.Parse(text));
        Assert.Equal(text, SplitSize.Parse(text)!.Value.ToString());
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0x1")]
    [InlineData("2x")]
    [InlineData("2x1x1")]
    [InlineData("-1x1")]
    public void Other_splits_are_none(string text) => Assert.Null(SplitSize.Parse(text));
}
