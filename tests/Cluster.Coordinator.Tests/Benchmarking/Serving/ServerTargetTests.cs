using Cluster.Coordinator.Benchmarking.Serving;
using Cluster.Coordinator.Clients;
using Cluster.Coordinator.Commands;
using Cluster.Coordinator.Tests.Api;

namespace Cluster.Coordinator.Tests.Benchmarking.Serving;

/// <summary>A load on the API itself, over fake ranks.</summary>
public sealed class ServerTargetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_answer_has_the_tokens_that_were_asked_for(bool isChat)
    {
        await using var api = await ApiFixture.StartAsync();
        using var client = new CompletionClient(new ServerClient(api.BaseAddress, null));
        var options = new ServingOptions { Loads = [new Load(4, null)], PromptTokens = new(20, 40), OutputTokens = new(6, 6), Requests = 12, Seed = 5, StallAfter = TimeSpan.FromMinutes(1) };
        var target = new ServerTarget(client, await client.ModelAsync(CancellationToken.None), isChat, ignoresEnd: true);
        var plan = new RequestPlan(options, await target.TryAsync(CancellationToken.None));

        var result = await new LoadRunner(options, TimeProvider.System).RunAsync(options.Loads[0], target, plan, CancellationToken.None);

        Assert.Empty(result.Problems);
        Assert.All(result.Requests, request => Assert.Equal(6, request.OutputTokens));
        Assert.All(result.Requests, request => Assert.InRange(request.InputTokens, 10, 60));

        using var text = new StringWriter();
        ServingMarkdown.Write(new ServingReport("cluster bench serve", client.Server, "fake", options, [result]), text);
        Assert.Contains("| 4 at a time | 12 | 0 | 0 |", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_is_one_line()
    {
        await using var api = await ApiFixture.StartAsync(ready: false);
        using var client = new CompletionClient(new ServerClient(api.BaseAddress, null));

        var error = await Assert.ThrowsAsync<ServerException>(() => client.ModelAsync(CancellationToken.None));

        Assert.Equal("503: No request is taken: the model is loading.", error.Message);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_told_of()
    {
        using var client = new CompletionClient(new ServerClient(new Uri("http://127.0.0.1:1/v1/"), null));

        Assert.Equal(new Uri("http://127.0.0.1:1/"), client.Server);
        Assert.StartsWith("http://127.0.0.1:1/ cannot be reached: ", (await Assert.ThrowsAsync<ServerException>(() => client.ModelAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
    }
}
