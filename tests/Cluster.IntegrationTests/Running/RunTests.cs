namespace Cluster.IntegrationTests.Running;

/// <summary>The quick start as a user meets it.</summary>
public sealed class RunTests
{
    [Fact]
    public void Quick_start_tells_a_story_over_two_workers()
    {
        var result = ClusterProgram.Run("run", "Once upon a time", "--max-tokens", "20", "--seed", "7");
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Matches("tokens/s", result.Output + result.Errors);
    }

    [Fact]
    public void One_seed_gives_the_same_text_on_every_split()
    {
        string[][] splits =
        [
            ["--local-workers", "1"],
            ["--local-workers", "2", "--tensor-parallel", "2"],
            ["--local-workers", "2", "--tensor-parallel", "1", "--pipeline", "2"],
            ["--local-workers", "3", "--tensor-parallel", "3"],
        ];
        var texts = splits.Select(split => RunReport.Of(
            [
                "The old man sat by the fire and", "--temperature", "0.8", "--top-p", "0.95", "--seed", "42", "--max-tokens", "24",
                "--threads", "1", "--wire", "f32", "--kv-type-k", "f32", "--kv-type-v", "f32", .. split,
            ]).Text);
        Assert.Single(texts.Distinct());
    }

    [Fact]
    public void Any_number_of_ranks_and_uneven_ones_say_what_one_says()
    {
        string[][] splits =
        [
            ["--local-workers", "1"],
            ["--local-workers", "3"],
            ["--local-workers", "5"],
            ["--local-workers", "6"],
            ["--local-workers", "7"],
            ["--local-workers", "2", "--shares", "70,30"],
        ];
        var tokens = splits.Select(split => string.Join(' ', RunReport.Of(
            ["The old man sat by the fire and", "--temperature", "0", "--max-tokens", "24", "--threads", "1", "--ignore-eos", .. split]).Tokens));
        Assert.Single(tokens.Distinct());
    }

    [Theory]
    [InlineData("q8_0", "q4_0", 0.407)]
    [InlineData("q8_0", "q8_0", 0.532)]
    public void Quantized_cache_takes_its_share_of_f16(string keys, string values, double share)
    {
        var half = RunReport.Of("Hello", "--max-tokens", "2", "--kv-type-k", "f16", "--kv-type-v", "f16");
        var quantized = RunReport.Of("Hello", "--max-tokens", "2", "--kv-type-k", keys, "--kv-type-v", values);
        Assert.InRange(quantized.KvBytesPerToken / half.KvBytesPerToken, 0.1, share);
    }

    [Theory]
    [InlineData("--model", "/no/such/model.gguf", "/no/such/model.gguf")]
    [InlineData("--kv-type-k", "q9_9", "q9_9")]
    [InlineData("--local-workers", "many", "many")]
    [InlineData("--tensor-parallel", "9", "8 query heads")]
    [InlineData("--shares", "70,0", "numbers above 0")]
    [InlineData("--no-such-flag", "1", "--no-such-flag")]
    public void Wrong_input_is_one_line(string flag, string value, string named)
    {
        var result = ClusterProgram.Run("run", "Hello", flag, value);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(named, result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.Trim().Split('\n'));
        Assert.Empty(result.Output);
    }
}
