using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Api;

public sealed class CompletionEndpointTests
{
    [Fact]
    public async Task Completion_looks_like_OpenAIs()
    {
        await using var api = await ApiFixture.StartAsync();
        var prompt = SampleTokenizer.Instance.Encode("Tell me", true, true);
        api.Engine.Script(prompt.Count, " a story.<|im_end|>");

        var (status, body) = await api.PostAsync("""{"model":"fake","prompt":"Tell me","max_tokens":50,"temperature":0,"user":"u","n":1,"stop":null}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("text_completion", body.GetProperty("object").GetString());
        Assert.StartsWith("cmpl-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        var choice = body.GetProperty("choices")[0];
        Assert.Equal((" a story.", "stop", 0), (choice.GetProperty("text").GetString(), choice.GetProperty("finish_reason").GetString(), choice.GetProperty("index").GetInt32()));
        var usage = body.GetProperty("usage");
        Assert.Equal(0, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(prompt.Count, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), prompt.Count + usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Token_ids_are_a_prompt_too()
    {
        await using var api = await ApiFixture.StartAsync();
        int[] prompt = [5, 600, 7];

        var one = await api.PostAsync("""{"prompt":[5,600,7],"max_tokens":9,"temperature":0,"ignore_eos":true}""");
        var batch = await api.PostAsync("""{"prompt":[[5,600,7]],"max_tokens":9,"temperature":0,"ignore_eos":true}""");

        var detokenizer = new Cluster.Model.Tokenizers.StreamingDetokenizer(SampleTokenizer.Instance, prompt);
        var expected = string.Concat(api.Engine.Model.GreedyContinuation(prompt, 9).Select(detokenizer.Append)) + detokenizer.Flush();
        Assert.Equal(expected, one.Body.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.Equal(expected, batch.Body.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.Equal("length", one.Body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Stream_has_the_same_text_usage_and_an_end()
    {
        await using var api = await ApiFixture.StartAsync();
        const string Parameters = """ "prompt":"A","max_tokens":20,"seed":-5,"temperature":1.2,"top_p":0.9,"ignore_eos":true""";
        var whole = await api.PostAsync($"{{{Parameters}}}");

        using var response = await api.SendAsync("{" + Parameters + ""","stream":true,"stream_options":{"include_usage":true}}""");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", lines[^1]);
        var chunks = lines[..^1].Select(line => JsonDocument.Parse(line[6..]).RootElement).ToArray();
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
        Assert.Equal(20, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal("length", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(
            whole.Body.GetProperty("choices")[0].GetProperty("text").GetString(),
            string.Concat(chunks[..^1].Select(chunk => chunk.GetProperty("choices")[0].GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Requests_at_the_same_time_share_steps()
    {
        await using var api = await ApiFixture.StartAsync();
        var gate = api.Engine.Ranks.Gate = new SemaphoreSlim(0);
        var requests = Enumerable.Range(0, 8).Select(i => api.PostAsync($$"""{"prompt":[{{i}},9],"max_tokens":10,"temperature":0,"ignore_eos":true}""")).ToArray();
        gate.Release(1000);

        await Task.WhenAll(requests);

        Assert.True(api.Engine.Ranks.Steps < 8 * 10 - 8, $"{api.Engine.Ranks.Steps} steps were taken");
    }

    [Fact]
    public async Task Client_that_disconnects_frees_its_sequence()
    {
        await using var api = await ApiFixture.StartAsync(context: 8192);
        var response = await api.SendAsync("""{"prompt":"A","max_tokens":8000,"temperature":0,"ignore_eos":true,"stream":true}""");
        response.Dispose();

        await api.Engine.AssertNothingLeaksAsync();
        Assert.True(api.Engine.Ranks.Steps < 8000, "the text was written to its end for nobody");
    }

    [Theory]
    [InlineData("""{"max_tokens":3}""", "prompt", "required")]
    [InlineData("""{"prompt":5}""", "prompt", "text or an array")]
    [InlineData("""{"prompt":[]}""", "prompt", "text or an array")]
    [InlineData("""{"prompt":[1,"x"]}""", "prompt", "element 1")]
    [InlineData("""{"prompt":[1,99999]}""", "prompt", "element 1")]
    [InlineData("""{"prompt":["a",5]}""", "prompt", "element 1")]
    [InlineData("""{"prompt":["a","b","c"],"n":60}""", "prompt", "at most 128")]
    [InlineData("""{"prompt":"a","n":129}""", "n", "at most 128")]
    [InlineData("""{"prompt":"a","best_of":3}""", "best_of", "the same as 'n'")]
    [InlineData("""{"prompt":"a","logprobs":21}""", "logprobs", "at most 20")]
    [InlineData("""{"prompt":"a","stop":["a",5]}""", "stop[1]", "a text")]
    [InlineData("""{"prompt":"a","suffix":"b"}""", "suffix", "not supported")]
    [InlineData("""{"prompt":"a","max_tokens":0}""", "max_tokens", "at least 1")]
    [InlineData("""{"prompt":"a","max_tokens":1.5}""", "max_tokens", "whole number")]
    [InlineData("""{"prompt":"a","temperature":-1}""", "temperature", "at least 0")]
    [InlineData("""{"prompt":"a","temperature":"hot"}""", "temperature", "a number")]
    [InlineData("""{"prompt":"a","top_p":2}""", "top_p", "between 0 and 1")]
    [InlineData("""{"prompt":"a","stop":""}""", "stop", "empty")]
    [InlineData("""{"prompt":"a","stop":["a","b","c","d","e"]}""", "stop", "at most 4")]
    [InlineData("""{"prompt":"a","stream":"yes"}""", "stream", "true or false")]
    [InlineData("""{"prompt":"a","stream_options":{"include_usage":true}}""", "stream_options", "stream")]
    [InlineData("""{"prompt":"a","n":0}""", "n", "at least 1")]
    [InlineData("""{"prompt":"a","seed":0.5}""", "seed", "64 bits")]
    [InlineData("""{"prompt":"a","logit_bias":{"70000":1}}""", "logit_bias", "vocabulary")]
    [InlineData("""{"prompt":"a","frobnicate":1}""", "frobnicate", "Unrecognized")]
    [InlineData("""["prompt"]""", null, "object")]
    [InlineData("""{"prompt":"\ud800"}""", null, "Unicode")]
    [InlineData("""{"prompt":"a","\udfff":1}""", null, "Unicode")]
    [InlineData("""{"prompt":"a","temperature":1e999}""", "temperature", "a number")]
    [InlineData("""{"prompt":"a","max_tokens":99999999999}""", "max_tokens", "whole number")]
    [InlineData("", null, "not valid JSON")]
    [InlineData("""{"prompt":"a" """, null, "not valid JSON")]
    public async Task Wrong_parameter_is_named(string body, string? parameter, string message)
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, answer) = await api.PostAsync(body);

        var error = answer.GetProperty("error");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, api.Engine.Ranks.Steps);
    }

    [Fact]
    public async Task Prompt_that_fills_the_context_is_refused()
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, body) = await api.PostAsync($$"""{"prompt":[{{string.Join(',', Enumerable.Range(1, 128))}}]}""");

        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Unknown_model_and_path_are_not_found()
    {
        await using var api = await ApiFixture.StartAsync();

        var model = await api.PostAsync("""{"prompt":"a","model":"gpt-9"}""");
        var path = await api.PostAsync("{}", "/v1/nothing");

        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (model.Status, model.Body.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, path.Status);
        Assert.Contains("/v1/nothing", path.Body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_worker_is_a_503_or_an_error_event()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Ranks.BeforeStep = step => step == 4 ? new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'a' is lost") : null;

        using var response = await api.SendAsync("""{"prompt":"A","max_tokens":50,"temperature":0,"ignore_eos":true,"stream":true}""");
        var events = await response.Content.ReadAsStringAsync();
        var later = await api.PostAsync("""{"prompt":"A"}""");

        Assert.Contains("worker 'a' is lost", events, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", events, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, later.Status);
    }
}
