using System.Text.Json.Nodes;
using Cluster.Coordinator.Tests.Api;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Interop;

/// <summary>OpenAI's client for JavaScript talks to the server: all scenarios of client.mjs in one run.</summary>
public sealed class OpenAiNodeClientTests : IClassFixture<NodePackages>
{
    private static readonly int s_promptLength =
        SampleTokenizer.Instance.Encode("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", true, true).Count;

    [Fact]
    public async Task All_scenarios_see_what_they_should()
    {
        await using var api = await ApiFixture.StartAsync(context: 8192);
        const string Text = "Good day to you.";
        api.Engine.Script(s_promptLength, $"{Text}<|im_end|>");
        var tokens = SampleTokenizer.Instance.Encode($"{Text}<|im_end|>", false, true).Count;

        using var node = NodeProcess.Start("node", "client.mjs", api.BaseAddress.ToString(), "fake");
        var results = JsonNode.Parse(await node.ReadLineAsync())!.AsObject();
        await node.WaitAsync();

        Expect("models", """["fake"]""");
        Expect("model", "\"cluster\"");
        Expect("chat", $$"""{"texts":["{{Text}}","{{Text}}"],"reasons":["stop","stop"],"usage":{{s_promptLength + 2 * tokens}}}""");
        Expect("stream", $$"""{"text":"{{Text}}","several":true,"reason":"stop","usage":{{s_promptLength + tokens}}}""");
        Expect("helper", $"\"{Text}\"");
        Expect("logprobs", $$"""{"text":"{{Text}}","top":[{{string.Join(',', Enumerable.Repeat(3, tokens - 1))}}],"likely":true}""");
        Expect("completion", """{"tokens":4,"logprobs":4}""");
        Expect("embeddings", """{"count":2,"normal":true,"counted":true}""");
        ExpectFailure("dimensions", "BadRequestError", 400, "dimensions");
        ExpectFailure("wrong", "BadRequestError", 400, "temperature");
        ExpectFailure("unknown", "NotFoundError", 404, "model");
        ExpectFailure("role", "BadRequestError", 400, "messages[0].role");
        Expect("cancelled", "true");
        Assert.Empty(results);
        await api.Engine.AssertNothingLeaksAsync();
        Assert.True(api.Engine.Ranks.Steps < 8000, "the text was written to its end for nobody");

        void Expect(string scenario, string expected)
        {
            Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), results[scenario]!.ToJsonString());
            results.Remove(scenario);
        }

        void ExpectFailure(string scenario, string name, int status, string parameter)
        {
            var failure = results[scenario]!;
            Assert.Equal((name, status, parameter), (failure["name"]!.GetValue<string>(), failure["status"]!.GetValue<int>(), failure["param"]!.GetValue<string>()));
            Assert.NotEqual("", failure["message"]!.GetValue<string>());
            results.Remove(scenario);
        }
    }
}
