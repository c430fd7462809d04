using System.Net;
using System.Text.Json;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Workers;

/// <summary>Real worker processes, which lie beside the tests as beside the program.</summary>
public sealed class WorkerProcessTests
{
    [SharedFact("golden/storyteller-29m.json", "models/storyteller-29m-f16.gguf")]
    public async Task Two_stages_of_two_ranks_agree_with_the_reference()
    {
        using var model = ServedModel.Open(RepositoryFiles.Shared("models/storyteller-29m-f16.gguf"));
        using var golden = JsonDocument.Parse(await File.ReadAllTextAsync(RepositoryFiles.Shared("golden/storyteller-29m.json")));
        await using var host = await ClusterHost.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), new LocalWorkerOptions(4, 1), null, TimeProvider.System, CancellationToken.None);
        var members = await host.WaitForWorkersAsync(4, CancellationToken.None);
        var options = new PlanOptions
        {
            TensorParallel = 2,
            Pipeline = 2,
            CacheFormat = new KvCacheFormat { KeyType = TensorType.F32, ValueType = TensorType.F32 },
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

            var expected = Ids(entry, "greedy_tokens")[..7]; // the shortest of the texts; whole ones are compared elsewhere
            var (tokens, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(prompt, expected.Length)));
            Assert.Equal(expected, tokens);
            Assert.Null(summary.Error);
        }));
    }

    private static int[] Ids(JsonElement entry, string name) => [.. entry.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
