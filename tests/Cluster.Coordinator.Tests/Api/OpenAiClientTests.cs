using System.ClientModel;
using Cluster.Coordinator.Tests.Fakes;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Cluster.Coordinator.Tests.Api;

/// <summary>The official client talks to the server over HTTP.</summary>
public sealed class OpenAiClientTests
{
    private static readonly int s_promptLength =
        SampleTokenizer.Instance.Encode("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", true, true).Count;

    private static ChatMessage[] Hello => [new UserChatMessage("Hello")];

    [Fact]
    public async Task Chat_is_answered()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(s_promptLength, "Good day to you.<|im_end|>");

        ChatCompletion answer = await Chat(api).CompleteChatAsync(Hello, new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40, TopP = 0.9f, StopSequences = { "\n\n" } });

        Assert.Equal("Good day to you.", answer.Content[0].Text);
        Assert.Equal((ChatFinishReason.Stop, ChatMessageRole.Assistant, "fake"), (answer.FinishReason, answer.Role, answer.Model));
        Assert.Equal(s_promptLength, answer.Usage.InputTokenCount);
        Assert.Equal(answer.Usage.TotalTokenCount, answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task Chat_is_streamed_with_usage()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(s_promptLength, "Good day to you.<|im_end|>");

        var (text, updates) = ("", 0);
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat(api).CompleteChatStreamingAsync(Hello, new ChatCompletionOptions { Temperature = 0 }))
        {
            updates++;
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            reason ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Equal(("Good day to you.", ChatFinishReason.Stop), (text, reason));
        Assert.Equal(s_promptLength, usage!.InputTokenCount);
        Assert.True(updates > 4, $"the text came in {updates} pieces");
    }

    [Fact]
    public async Task Log_probabilities_arrive()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(s_promptLength, "Good day.<|im_end|>");

        ChatCompletion answer = await Chat(api).CompleteChatAsync(Hello, new ChatCompletionOptions { Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 5 });

        Assert.Equal("Good day.", string.Concat(answer.ContentTokenLogProbabilities.Select(token => token.Token)));
        Assert.All(answer.ContentTokenLogProbabilities, token =>
        {
            Assert.Equal(5, token.TopLogProbabilities.Count);
            Assert.Equal(token.Token, token.TopLogProbabilities[0].Token);
            Assert.InRange(token.LogProbability, -0.01f, 0);
        });
    }

    [Fact]
    public async Task Error_names_the_parameter()
    {
        await using var api = await ApiFixture.StartAsync();

        var wrong = await Assert.ThrowsAsync<ClientResultException>(() => Chat(api).CompleteChatAsync(Hello, new ChatCompletionOptions { Temperature = -1 }));
        var model = await Assert.ThrowsAsync<ClientResultException>(() => new ChatClient("gpt-9", new ApiKeyCredential("none"), Options(api)).CompleteChatAsync(Hello));

        Assert.Equal((400, 404), (wrong.Status, model.Status));
        Assert.Contains("temperature", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("gpt-9", model.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_stream_frees_its_sequence()
    {
        await using var api = await ApiFixture.StartAsync(context: 8192);
        using var cancellation = new CancellationTokenSource();
        var updates = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Chat(api).CompleteChatStreamingAsync(Hello, new ChatCompletionOptions { MaxOutputTokenCount = 8000 }, cancellation.Token))
                if (++updates == 3) await cancellation.CancelAsync();
        });

        await api.Engine.AssertNothingLeaksAsync();
        Assert.True(api.Engine.Ranks.Steps < 8000, "the text was written to its end for nobody");
    }

    [Fact]
    public async Task Models_are_listed()
    {
        await using var api = await ApiFixture.StartAsync();
        var client = new OpenAIModelClient(new ApiKeyCredential("none"), Options(api));

        OpenAIModelCollection all = await client.GetModelsAsync();
        OpenAIModel one = await client.GetModelAsync("fake");

        Assert.Equal("fake", Assert.Single(all).Id);
        Assert.Equal("cluster", one.OwnedBy);
    }

    private static ChatClient Chat(ApiFixture api) => new("fake", new ApiKeyCredential("none"), Options(api));

    private static OpenAIClientOptions Options(ApiFixture api) => new() { Endpoint = api.BaseAddress };
}
