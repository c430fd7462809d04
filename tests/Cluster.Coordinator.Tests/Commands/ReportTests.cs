using System.Text.Json;
using Cluster.Coordinator.Commands;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Tests.Commands;

public sealed class ReportTests
{
    [Fact]
    public async Task Inspect_shows_metadata_and_tensors()
    {
        var table = await CommandFixture.RunAsync("inspect", RepositoryFiles.SampleModel);
        var json = JsonDocument.Parse((await CommandFixture.RunAsync("inspect", RepositoryFiles.SampleModel, "--json")).Out).RootElement;

        Assert.Contains("llama.embedding_length", table.Out, StringComparison.Ordinal);
        Assert.Contains("blk.7.ffn_down.weight", table.Out, StringComparison.Ordinal);
        Assert.Contains("8192 in all", table.Out, StringComparison.Ordinal);
        Assert.Equal(512, json.GetProperty("metadata").GetProperty("llama.embedding_length").GetInt32());
        Assert.Equal(8192, json.GetProperty("metadata").GetProperty("tokenizer.ggml.tokens").GetArrayLength());
        Assert.Contains(json.GetProperty("tensors").EnumerateArray(), tensor =>
            tensor.GetProperty("name").GetString() == "blk.0.attn_q.weight" && tensor.GetProperty("shape")[1].GetInt32() == 512);
    }

    [Fact]
    public async Task Plan_shows_every_shard()
    {
        string[] arguments = ["plan", "--model", RepositoryFiles.SampleModel, "--tensor-parallel", "3", "--pipeline", "2", "--kv-type-v", "f16", "--kv-rotation", "off", "--prefix-cache", "off"];
        var table = await CommandFixture.RunAsync(arguments);
        var json = JsonDocument.Parse((await CommandFixture.RunAsync([.. arguments, "--json"])).Out).RootElement;

        Assert.Contains("worker-5", table.Out, StringComparison.Ordinal);
        Assert.Contains("[4, 8)", table.Out, StringComparison.Ordinal);
        var shards = json.GetProperty("shards").EnumerateArray().ToArray();
        Assert.Equal(6, shards.Length);
        Assert.Equal([2, 1, 1], shards[..3].Select(shard => shard.GetProperty("kv_heads")[1].GetInt32() - shard.GetProperty("kv_heads")[0].GetInt32()));
        Assert.Equal(json.GetProperty("kv_bytes_per_token").GetInt64(), shards.Sum(shard => shard.GetProperty("kv_bytes_per_token").GetInt64()));

        // 8 layers × 4 KV heads × (64 keys in q8_0 + 64 values in f16).
        Assert.Equal(8 * 4 * (68 + 128), json.GetProperty("kv_bytes_per_token").GetInt64());
    }

    [Fact]
    public async Task Synth_writes_a_model_that_can_be_planned()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "tiny.gguf");
        try
        {
            var (exitCode, output, error) = await CommandFixture.RunAsync("synth", "--shape", "tiny", "--layers", "3", "--type", "q8_0", "--output", path, "--seed", "4");
            var plan = await CommandFixture.RunAsync("plan", "--model", path, "--pipeline", "3");

            Assert.Equal((ExitCodes.Success, ""), (exitCode, error));
            Assert.Contains(path, output, StringComparison.Ordinal);
            Assert.Equal(ExitCodes.Success, plan.ExitCode);
            Assert.Contains("[2, 3)", plan.Out, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Run_report_is_one_object_with_the_fixed_names()
    {
        var summary = new GenerationSummary
        {
            Reason = FinishReason.Stop,
            PromptTokens = 30,
            CachedTokens = 20,
            PrefilledTokens = 10,
            GeneratedTokens = 5,
            TimeToFirstToken = TimeSpan.FromMilliseconds(120),
            Prefill = TimeSpan.FromMilliseconds(100),
            Decode = TimeSpan.FromMilliseconds(200),
            PrefillWireBytes = 9000,
            DecodeWireBytes = 8192,
        };
        var report = new RunReport([1, 2], [3, 4, 5], "line\n\"é\"", 3264, summary);
        using var output = new StringWriter();
        report.WriteJson(output);

        var json = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(
            ["prompt_tokens", "tokens", "text", "kv_bytes_per_token", "wire_bytes_per_token", "prefill_tokens_per_second", "decode_tokens_per_second", "time_to_first_token_ms"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal([3, 4, 5], json.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal("line\n\"é\"", json.GetProperty("text").GetString());
        Assert.Equal((2048, 100, 20), (json.GetProperty("wire_bytes_per_token").GetDouble(), json.GetProperty("prefill_tokens_per_second").GetDouble(), json.GetProperty("decode_tokens_per_second").GetDouble()));
        Assert.Contains("2.0 KiB on the wire per token", report.Line(), StringComparison.Ordinal);
    }
}
