using System.Net;
using System.Text.Json;

namespace Cluster.Coordinator.Tests.Api.Admission;

/// <summary>What becomes of requests for which there is no room or no time.</summary>
public sealed class AdmissionTests
{
    private const string Long = """{"prompt":[5,600,7],"max_tokens":90,"temperature":0,"ignore_eos":true""";

    [Fact]
    public async Task Requests_beyond_the_queue_are_told_when_to_come_again()
    {
        await using var api = await ApiFixture.StartAsync(options: ApiFixture.Loopback with { MaxTexts = 3 });
        api.Engine.Ranks.Gate = new SemaphoreSlim(0);
        using var first = await api.SendAsync(Long + ""","stream":true}""");
        using var second = await api.SendAsync(Long + ""","stream":true,"n":2}""");

        using var refused = await api.SendAsync(Long + "}");
        var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        api.Engine.Ranks.Gate.Release(1000);
        var texts = await Task.WhenAll(first.Content.ReadAsStringAsync(), second.Content.ReadAsStringAsync());
        var (later, _) = await api.PostAsync(Long + "}");

        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_exceeded", "requests"), (refused.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("type").GetString()));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.All(texts, text => Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, later);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(""","timeout":60""", 1)] // the server's limit is the shorter one
    [InlineData(""","timeout":7.5""", 4)]
    public async Task An_answer_that_takes_too_long_is_given_up(string parameters, int texts)
    {
        var time = new ManualTimeProvider();
        await using var api = await ApiFixture.StartAsync(options: ApiFixture.Loopback with { RequestTimeout = TimeSpan.FromSeconds(20) }, time: time);
        api.Engine.Ranks.Gate = new SemaphoreSlim(0);
        var limit = parameters.Contains('.', StringComparison.Ordinal) ? 7.5 : 20;

        var answer = api.PostAsync($$"""{{Long}}{{parameters}},"n":{{texts}}}""");
        using var stream = await api.SendAsync($$"""{{Long}}{{parameters}},"n":{{texts}},"stream":true}""");
        while (time.TimerCount < 2) await Task.Yield();
        time.Advance(TimeSpan.FromSeconds(limit - 0.5));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.5));

        var (status, body) = await answer;
        var events = (await stream.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((HttpStatusCode.GatewayTimeout, "timeout"), (status, body.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("timeout", JsonDocument.Parse(events[^1]["data: ".Length..]).RootElement.GetProperty("error").GetProperty("code").GetString());

        api.Engine.Ranks.Gate.Release(1000);
        await api.Engine.AssertNothingLeaksAsync();
        Assert.True(api.Engine.Ranks.Steps <= 3, "texts went on although nobody waits for them");
    }
}
