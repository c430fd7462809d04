using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Commands;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Tests.Commands;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Model.Formats;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Workers;

/// <summary>The real thing: worker processes, beside the tests as beside the program.</summary>
public sealed class WorkerProcessTests
{
    [Fact]
    public async Task Quick_start_prints_one_object_and_ends_its_workers()
    {
        var (exitCode, output, error) = await CommandFixture.RunAsync(
            "run", "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", "--threads", "1", "--max-tokens", "12", "--temperature", "0", "--json");

        Assert.Equal((ExitCodes.Success, ""), (exitCode, error));
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Contains(1, json.GetProperty("prompt_tokens").EnumerateArray().Select(id => id.GetInt32()));
        Assert.InRange(json.GetProperty("tokens").GetArrayLength(), 1, 12);

        // 8 layers × 4 KV heads × (64 keys in q8_0 + 64 values in q4_0), counted by two workers.
        Assert.Equal(8 * 4 * (68 + 36), json.GetProperty("kv_bytes_per_token").GetInt32());
        Assert.True(json.GetProperty("wire_bytes_per_token").GetDouble() > 8 * 2 * 512);
    }

    [SharedFact("golden/storyteller-29m.json", "models/storyteller-29m-f16.gguf")]
    public async Task Two_stages_of_two_ranks_agree_with_the_reference()
    {
        using var model = ServedModel.Open(RepositoryFiles.Shared("models/storyteller-29m-f16.gguf"));
        using var golden = JsonDocument.Parse(await File.ReadAllTextAsync(RepositoryFiles.Shared("golden/storyteller-29m.json")));
        await using var host = await ClusterHost.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), new LocalWorkerOptions(4, 1), TimeProvider.System, CancellationToken.None);
        var members = await host.WaitForWorkersAsync(4, CancellationToken.None);
        var options = new PlanOptions
        {
            TensorParallel = 2,
            Pipeline = 2,
            KeyType = TensorType.F32,
            ValueType = TensorType.F32,
            Wire = WireFormat.F32,
            ContextLength = 256,
            CacheTokens = 1024,
        };
        var plan = ClusterPlanner.Plan(members, ModelFacts.Of(model), options, version: 1).Require();
        await using var session = await ModelSession.LoadAsync(
            plan, model, new SchedulerOptions { PrefillChunk = 7 }, host.Membership, _ => { }, TimeProvider.System, CancellationToken.None);

        // All at once: what shares a step must not change what is written.
        await Task.WhenAll(golden.RootElement.EnumerateArray().Select(async entry =>
        {
            var prompt = Ids(entry, "prompt_tokens");
            Assert.Equal(prompt, model.Tokenizer.Encode(entry.GetProperty("text").GetString()!, addSpecial: true, parseSpecial: true));

            var score = await session.Engine.ScoreAsync(prompt, topCount: 10);
            Assert.Equal(entry.GetProperty("mean_nll").GetDouble(), score.MeanNll, 1e-3);
            Assert.Equal(Ids(entry, "top_tokens"), score.Top.Select(token => token.TokenId));
            Assert.All(entry.GetProperty("top_logits").EnumerateArray().Index(), pair => Assert.Equal(pair.Item.GetDouble(), score.Logit(pair.Index), 2e-2));

            var expected = Ids(entry, "greedy_tokens");
            var (tokens, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(prompt, expected.Length)));
            Assert.Equal(expected, tokens);
            Assert.Null(summary.Error);
        }));
    }

    private static int[] Ids(JsonElement entry, string name) => [.. entry.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
