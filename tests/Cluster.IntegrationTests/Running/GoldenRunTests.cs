namespace Cluster.IntegrationTests.Running;

/// <summary>One model over several worker processes says what an independent float64 program computed.</summary>
public sealed class GoldenRunTests
{
    private const string Storyteller = "models/storyteller-29m-f16.gguf";

    [SharedTheory(Storyteller, "golden/storyteller-29m.json")]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(1, 8)]
    [InlineData(2, 2)]
    public void Greedy_tokens_match_on_every_split(int tensorParallel, int pipeline)
    {
        // One plain prompt and the one with special tokens; all of them run in one process in Cluster.Compute.Tests.
        foreach (var golden in GoldenPrompt.Storyteller().Where((_, index) => index is 0 or 2))
        {
            var report = RunReport.Of(
                golden.Text, "--model", RepositoryFiles.Shared(Storyteller), "--temperature", "0",
                "--max-tokens", $"{golden.GreedyTokens.Length}", "--threads", "1",
                "--local-workers", $"{tensorParallel * pipeline}", "--tensor-parallel", $"{tensorParallel}", "--pipeline", $"{pipeline}",
                "--kv-type-k", "f32", "--kv-type-v", "f32", "--wire", "f32");
            Assert.Equal(golden.PromptTokens, report.PromptTokens);
            Assert.Equal(golden.GreedyTokens, report.Tokens);
        }
    }

    [SharedTheory("models/stories260K.gguf", "golden/stories260K.json")]
    [InlineData(1, "f32")]
    [InlineData(2, "f16")]
    public void Heads_of_8_run_with_a_float_cache(int workers, string cacheType)
    {
        var report = RunReport.Of(
            "Once upon a time", "--model", RepositoryFiles.Shared("models/stories260K.gguf"), "--temperature", "0", "--max-tokens", "32",
            "--threads", "1", "--local-workers", $"{workers}", "--kv-type-k", cacheType, "--kv-type-v", cacheType);
        Assert.StartsWith(", there was a little girl named Lily. She loved to play outside in the park.", report.Text, StringComparison.Ordinal);
    }

    [SharedTheory("models/storyteller-29m-q8_0.gguf")]
    [InlineData("f16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_k_m")]
    public void Every_weight_format_runs_with_the_default_cache(string format)
    {
        var report = RunReport.Of(
            "Once upon a time", "--model", RepositoryFiles.Shared($"models/storyteller-29m-{format}.gguf"), "--temperature", "0",
            "--max-tokens", "24");
        Assert.Equal(24, report.Tokens.Length);
        Assert.Contains("there was a", report.Text, StringComparison.Ordinal);
    }
}
