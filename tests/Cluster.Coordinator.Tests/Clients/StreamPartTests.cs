using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Tests.Clients;

public sealed class StreamPartTests
{
    [Theory]
    [InlineData("""{"choices":[{"text":"a b","finish_reason":null}]}""", "a b", null, null)]
    [InlineData("""{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":null}""", "x", "stop", null)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":null}}]}""", "", null, null)]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9}}""", "", null, 9)]
    public void Events_of_chats_and_completions_are_read(string data, string text, string? reason, int? tokens)
    {
        var part = StreamPart.Parse(data.AsMemory());

        Assert.Equal((text, reason, tokens), (part.Text, part.FinishReason, part.CompletionTokens));
    }

    [Theory]
    [InlineData("""{"error":{"message":"worker lost","type":"server_error"}}""", "worker lost")]
    [InlineData("""{"error":"full"}""", "full")]
    [InlineData("{", "the server sent an event that is not as OpenAI's API has them")]
    [InlineData("""{"choices":[5]}""", "the server sent an event that is not as OpenAI's API has them")]
    [InlineData("[]", "the server sent an event that is not as OpenAI's API has them")]
    public void Anything_else_is_one_line(string data, string message) =>
        Assert.Equal(message, Assert.Throws<ServerException>(() => StreamPart.Parse(data.AsMemory())).Message);
}
