using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Api;

public sealed class ChatEndpointTests
{
    private const string Path = "/v1/chat/completions";
    private const string Hello = """ "messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Hello"}]""";

    private static readonly int[] s_prompt = [.. SampleTokenizer.Instance.Encode(
        "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", false, true)];

    // What the tokenizer puts before every text.
    private static readonly int[] s_begin = [.. SampleTokenizer.Instance.Encode("", true, true)];

    private static int PromptLength => s_begin.Length + s_prompt.Length;

    [Fact]
    public async Task Answer_goes_on_from_the_models_template()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(PromptLength, "Hi there!<|im_end|>");

        var (status, body) = await api.PostAsync($$"""{{{Hello}},"temperature":0}""", Path);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        var choice = body.GetProperty("choices")[0];
        Assert.Equal(("assistant", "Hi there!"), (choice.GetProperty("message").GetProperty("role").GetString(), choice.GetProperty("message").GetProperty("content").GetString()));
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(PromptLength, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Parts_and_the_developer_role_mean_the_same()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(PromptLength, "Hi.<|im_end|>");

        var (_, body) = await api.PostAsync(
            """{"messages":[{"role":"developer","content":[{"type":"text","text":"Be short."}]},{"role":"user","content":"Hello","name":"ann"}],"temperature":0}""", Path);

        Assert.Equal("Hi.", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Log_probabilities_are_the_models()
    {
        await using var api = await ApiFixture.StartAsync();

        var (_, body) = await api.PostAsync($$"""{{{Hello}},"temperature":0.7,"top_k":9,"seed":3,"logprobs":true,"top_logprobs":3,"max_tokens":6,"ignore_eos":true}""", Path);

        var content = body.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content");
        Assert.Equal(6, content.GetArrayLength());
        List<int> text = [.. s_begin, .. s_prompt];
        foreach (var token in content.EnumerateArray())
        {
            var bytes = token.GetProperty("bytes").EnumerateArray().Select(value => value.GetByte()).ToArray();
            var logProb = token.GetProperty("logprob").GetDouble();
            var chosen = Enumerable.Range(0, SampleTokenizer.Instance.VocabularySize).Single(id =>
                SampleTokenizer.Instance.TokenBytes(id).Span.SequenceEqual(bytes) && SampleTokenizer.Instance.TokenText(id) == token.GetProperty("token").GetString()
                && Math.Abs(api.Engine.Model.LogProb(text.ToArray(), id) - logProb) < 1e-3);
            var top = token.GetProperty("top_logprobs").EnumerateArray().Select(entry => entry.GetProperty("logprob").GetDouble()).ToArray();
            Assert.Equal(3, top.Length);
            Assert.Equal(api.Engine.Model.LogProb(text.ToArray(), api.Engine.Model.Greedy(text.ToArray())), top[0], 1e-3);
            Assert.True(top[0] >= top[1] && top[1] >= top[2], "the most probable tokens do not come first");
            text.Add(chosen);
        }
    }

    [Fact]
    public async Task Several_choices_are_each_their_own_text_and_share_the_prompt()
    {
        await using var api = await ApiFixture.StartAsync();
        var longer = string.Concat(Enumerable.Repeat("a b c ", 8));
        var parameters = $$""" "messages":[{"role":"user","content":"{{longer}}"}],"seed":11,"max_tokens":12,"ignore_eos":true""";

        var (_, three) = await api.PostAsync($$"""{{{parameters}},"n":3}""", Path);
        var (_, second) = await api.PostAsync($$"""{{{parameters.Replace("11", "12", StringComparison.Ordinal)}}}""", Path);

        var texts = three.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()).ToArray();
        Assert.Equal([0, 1, 2], three.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(second.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), texts[1]);
        var usage = three.GetProperty("usage");
        Assert.Equal((36, usage.GetProperty("prompt_tokens").GetInt32() + 36), (usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()));
        Assert.True(api.Engine.Ranks.Tokens < 2.5 * usage.GetProperty("prompt_tokens").GetInt32() + (4 * 12), $"{api.Engine.Ranks.Tokens} tokens were taken in");
    }

    [Fact]
    public async Task Stream_begins_with_the_role_and_never_shows_a_stop_string()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Script(PromptLength, "One two three four.<|im_end|>");

        using var response = await api.SendAsync($$$"""{{{{Hello}}},"temperature":0,"stream":true,"n":2,"stop":[" three f","zzz"],"logprobs":true,"stream_options":{"include_usage":true}}""", Path);
        var lines = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("data: [DONE]", lines[^1]);
        var chunks = lines[..^1].Select(line => JsonDocument.Parse(line[6..]).RootElement).ToArray();
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.All(chunks[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Equal(PromptLength, chunks[^1].GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        for (var index = 0; index < 2; index++)
        {
            var choices = chunks[..^1].Select(chunk => chunk.GetProperty("choices")[0]).Where(choice => choice.GetProperty("index").GetInt32() == index).ToArray();
            Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
            Assert.Equal("One two", string.Concat(choices.Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "")));
            Assert.Equal("stop", choices[^1].GetProperty("finish_reason").GetString());
            Assert.All(choices[..^1], choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
            var tokens = choices.Select(choice => choice.GetProperty("logprobs")).Where(part => part.ValueKind == JsonValueKind.Object)
                .SelectMany(part => part.GetProperty("content").EnumerateArray()).Select(token => token.GetProperty("token").GetString());
            Assert.Equal("One two", string.Concat(tokens));
        }
    }

    [Fact]
    public async Task Clients_that_leave_free_all_their_choices()
    {
        await using var api = await ApiFixture.StartAsync(context: 8192);
        var response = await api.SendAsync($$"""{{{Hello}},"max_completion_tokens":8000,"n":4,"ignore_eos":true,"stream":true}""", Path);
        response.Dispose();

        await api.Engine.AssertNothingLeaksAsync();
        Assert.True(api.Engine.Ranks.Steps < 8000, "the texts were written to their end for nobody");
    }

    [Theory]
    [InlineData("""{"model":"fake"}""", "messages", "required")]
    [InlineData("""{"messages":[]}""", "messages", "at least one")]
    [InlineData("""{"messages":"Hello"}""", "messages", "an array")]
    [InlineData("""{"messages":["Hello"]}""", "messages[0]", "an object")]
    [InlineData("""{"messages":[{"content":"x"}]}""", "messages[0].role", "required")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content", "required")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"king","content":"x"}]}""", "messages[1].role", "one of system")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "messages[0].role", "tools are not supported")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content", "a text or an array")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x"}}]}]}""", "messages[0].content[0].type", "only text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text", "required")]
    [InlineData("""{"messages":[{"role":"user","content":"x","mood":"good"}]}""", "messages[0].mood", "not known")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{}]}]}""", "messages[0].tool_calls", "not supported")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud83d"}]}""", null, "Unicode")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}""", "tools", "not supported yet")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":"required"}""", "tool_choice", "not supported yet")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", "response_format", "so far")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_logprobs":3}""", "top_logprobs", "'logprobs' is true")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":21}""", "top_logprobs", "at most 20")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logprobs":3}""", "logprobs", "true or false")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_completion_tokens":0}""", "max_completion_tokens", "at least 1")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"prompt":"x"}""", "prompt", "Unrecognized")]
    public async Task Wrong_parameter_is_named(string body, string? parameter, string message)
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, answer) = await api.PostAsync(body, Path);

        var error = answer.GetProperty("error");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, api.Engine.Ranks.Steps);
    }

    [Fact]
    public async Task Conversation_that_fills_the_context_is_refused()
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, body) = await api.PostAsync($$"""{"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("word ", 200))}}"}]}""", Path);

        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }
}
