using System.Net;

namespace Cluster.Coordinator.Tests.Api;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task Readiness_follows_the_state_and_liveness_does_not()
    {
        await using var api = await ApiFixture.StartAsync(ready: false);

        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "loading");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.PostAsync("""{"prompt":"a"}""")).Status);

        api.State.SetReady(new Coordinator.Api.ServedEngine("fake", api.Engine.Engine, DateTimeOffset.UnixEpoch));
        await ExpectAsync(HttpStatusCode.OK, "ok");

        api.State.SetDraining();
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "draining");

        api.State.SetFailed("worker 'a' is lost");
        await ExpectAsync(HttpStatusCode.ServiceUnavailable, "failed");

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
}
