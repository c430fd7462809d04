namespace Cluster.IntegrationTests.Running;

/// <summary>A text's KV cache, saved by one cluster and restored by others that are split in other ways.</summary>
public sealed class SavedCacheTests : IDisposable
{
    private const string Prompt =
        "Once upon a time there was a little girl who lived at the edge of a deep forest with her grandmother and an old grey cat. Every morning "
        + "she went down to the river to fetch water, and every evening she listened to the stories of the fishermen. One day the river was so "
        + "low that she could walk across it, and on the other side she found a small door in the rock. She knocked three times, and then";

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;

    private string SavedPath => Path.Combine(_folder, "story.kv");

    [Theory]
    [InlineData("q8_0", "q4_0", "2x1", "1x2", "2x2")]
    [InlineData("f16", "f16", "2x2")]
    [InlineData("q8_0", "iq4_nl", "7x1", "2x1 70,30")]
    public void The_text_goes_on_the_same_on_every_split(string keys, string values, params string[] splits)
    {
        var whole = Run("1x1", keys, values, "--save-kv", SavedPath);
        Assert.Equal(0, whole.CachedTokens);
        foreach (var split in splits)
        {
            var restored = Run(split, keys, values, "--load-kv", SavedPath);
            Assert.Equal(whole.Tokens, restored.Tokens);
            Assert.InRange(restored.PromptTokens.Length - restored.CachedTokens, 1, 32);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        Run("2x1", "q8_0", "iq4_nl", "--save-kv", SavedPath);
        AssertRefused("it was saved as q8_0/iq4_nl, this cache is q8_0/f16", "--kv-type-v", "f16");

        var bytes = File.ReadAllBytes(SavedPath);
        bytes[bytes.Length / 3] ^= 16;
        File.WriteAllBytes(SavedPath, bytes);
        AssertRefused("the checksum differs, the file is damaged");
    }

    [Fact]
    public void Heads_that_several_ranks_keep_are_saved_once()
    {
        var split = Run("5x1", "q8_0", "iq4_nl", "--save-kv", SavedPath);
        var restored = Run("1x1", "q8_0", "iq4_nl", "--load-kv", SavedPath);
        Assert.Equal(split.Tokens, restored.Tokens);
        Assert.InRange(restored.PromptTokens.Length - restored.CachedTokens, 1, 32);
    }

    [SharedFact("models/storyteller-29m-q8_0.gguf")]
    public void Another_model_is_refused_in_one_line()
    {
        Run("1x1", "q8_0", "q4_0", "--save-kv", SavedPath);
        AssertRefused("it was saved from another model", "--model", RepositoryFiles.Shared("models/storyteller-29m-q8_0.gguf"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static RunReport Run(string split, string keys, string values, params string[] arguments)
    {
        var (tensorParallel, pipeline) = (split[0] - '0', split[2] - '0');
        return RunReport.Of(
        [
            Prompt, "--temperature", "0", "--max-tokens", "24", "--ignore-eos", "--threads", "1", "--local-workers", $"{tensorParallel * pipeline}",
            "--tensor-parallel", $"{tensorParallel}", .. split[3..] is { Length: > 0 } shares ? ["--shares", shares.Trim()] : Array.Empty<string>(), "--pipeline", $"{pipeline}", "--kv-type-k", keys, "--kv-type-v", values, .. arguments,
        ]);
    }

    private void AssertRefused(string problem, params string[] arguments)
    {
        var result = ClusterProgram.Run(["run", Prompt, "--max-tokens", "2", "--threads", "1", "--local-workers", "1", "--json", "--load-kv", SavedPath, .. arguments]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.StartsWith($"cluster: {SavedPath}: ", Assert.Single(result.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains(problem, result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }
}
