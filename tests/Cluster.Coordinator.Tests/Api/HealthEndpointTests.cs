using System.Net;
using Cluster.Coordinator.Slots;

namespace Cluster.Coordinator.Tests.Api;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task Readiness_follows_the_state_and_liveness_does_not()
    {
        await using var api = await ApiFixture.StartAsync(ready: false);

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "loading");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.PostAsync("""{"prompt":"a"}""")).Status);

        api.State.SetReady(new Coordinator.Api.ServedEngine("fake", api.Engine.Engine, ApiFixture.ChatPrompts, DateTimeOffset.UnixEpoch, new SlotTable(4), null));
        await ExpectAsync(HttpStatusCode.OK, "ok");

        api.State.SetDraining();
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "draining");

        api.State.SetRecovering("worker 'a' is lost");
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "recovering");

        async Task ExpectAsync(HttpStatusCode ready, string status)
        {
            foreach (var path in new[] { "/health", "/health/ready" })
            {
                var answer = await api.GetAsync(path);
                Assert.Equal((ready, status), (answer.Status, answer.Body.GetProperty("status").GetString()));
            }

            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health/live")).Status);
        }
    }

    [Fact]
    public async Task Use_of_the_cache_is_told()
    {
        await using var api = await ApiFixture.StartAsync();
        var prompt = string.Join(',', Enumerable.Range(300, 20));
        for (var i = 0; i < 2; i++) await api.PostAsync($$"""{"prompt":[{{prompt}}],"max_tokens":5,"temperature":0,"ignore_eos":true}""");
        await api.Engine.Engine.RunBetweenStepsAsync(_ => ValueTask.CompletedTask);

        var cache = (await api.GetAsync("/health")).Body.GetProperty("kv_cache");

        // Blocks of 8 tokens; 24 of each text's 25 were computed, and 16 of the second one's 19 prompt tokens that can be reused were there.
        Assert.Equal((3, 0), (cache.GetProperty("cached_blocks").GetInt32(), cache.GetProperty("used_blocks").GetInt32()));
        Assert.Equal(cache.GetProperty("blocks").GetInt32() - 3, cache.GetProperty("free_blocks").GetInt32());
        Assert.Equal((38, 16, 0.4211), (
            cache.GetProperty("prefix_lookup_tokens").GetInt32(), cache.GetProperty("prefix_hit_tokens").GetInt32(), cache.GetProperty("prefix_hit_rate").GetDouble()));
    }
}
