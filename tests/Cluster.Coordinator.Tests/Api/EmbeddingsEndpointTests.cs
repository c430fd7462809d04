using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Tests.Fakes;
using OpenAI;
using OpenAI.Embeddings;

namespace Cluster.Coordinator.Tests.Api;

public sealed class EmbeddingsEndpointTests
{
    private const string Path = "/v1/embeddings";

    [Theory]
    [InlineData("\"Once upon a time\"")]
    [InlineData("[\"Once upon a time\"]")]
    [InlineData("[5,600,7]")]
    [InlineData("[[5,600,7],[8],[9,10]]")]
    [InlineData("[\"a\",[5,600,7]]")]
    public async Task Every_input_gets_its_vector(string input)
    {
        await using var api = await ApiFixture.StartAsync();
        var texts = Texts(JsonDocument.Parse(input).RootElement);

        var (status, body) = await api.PostAsync($$"""{"input":{{input}},"model":"fake","user":"u","dimensions":6,"encoding_format":"float"}""", Path);
        var (_, packed) = await api.PostAsync($$"""{"input":{{input}},"encoding_format":"base64"}""", Path);

        Assert.Equal((HttpStatusCode.OK, "list", "fake"), (status, body.GetProperty("object").GetString(), body.GetProperty("model").GetString()));
        var data = body.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(texts.Length, data.Length);
        foreach (var (index, text) in texts.Index())
        {
            var expected = api.Engine.Model.Vector(text, [.. Enumerable.Range(0, text.Length)]);
            Assert.Equal(("embedding", index), (data[index].GetProperty("object").GetString(), data[index].GetProperty("index").GetInt32()));
            Assert.Equal(expected, data[index].GetProperty("embedding").EnumerateArray().Select(element => element.GetSingle()));
            Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(packed.GetProperty("data")[index].GetProperty("embedding").GetBytesFromBase64()).ToArray());
        }

        var usage = body.GetProperty("usage");
        Assert.Equal(texts.Sum(text => text.Length), usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{}""", "input", "'input' is required")]
    [InlineData("""{"input":""}""", "input", "an empty text is not allowed")]
    [InlineData("""{"input":["a",""]}""", "input", "an empty text is not allowed")]
    [InlineData("""{"input":[]}""", "input", "it must be a text or an array of token ids")]
    [InlineData("""{"input":[[]]}""", "input", "element 0 is empty")]
    [InlineData("""{"input":[-1]}""", "input", "element 0 is not a token id")]
    [InlineData("""{"input":"a","dimensions":5}""", "dimensions", "the model's vectors have 6")]
    [InlineData("""{"input":"a","encoding_format":"int8"}""", "encoding_format", "it must be float or base64")]
    [InlineData("""{"input":"a","max_tokens":3}""", "max_tokens", "Unrecognized request argument")]
    public async Task What_is_wrong_is_named(string body, string parameter, string message)
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, answer) = await api.PostAsync(body, Path);

        var error = answer.GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, parameter), (status, error.GetProperty("param").GetString()));
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_may_fill_the_context_that_model_and_key_allow()
    {
        var keys = System.IO.Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, $"ann {KeyHash.Of("sk-ann")} context=20\nbob {KeyHash.Of("sk-bob")}\n");
        await using var api = await ApiFixture.StartAsync(context: 64, options: ApiFixture.Loopback with { KeyFile = keys });
        File.Delete(keys);

        foreach (var (key, length, expected) in new[] { ("sk-ann", 20, 200), ("sk-ann", 21, 400), ("sk-bob", 64, 200), ("sk-bob", 65, 400) })
        {
            var (status, body) = await api.FetchAsync(HttpMethod.Post, Path, $$"""{"input":[{{string.Join(',', Enumerable.Range(1, length))}}]}""", key);
            Assert.Equal(expected, (int)status);
            if (expected == 400) Assert.Contains("context_length_exceeded", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Time_and_room_are_bounded()
    {
        var time = new ManualTimeProvider();
        await using var api = await ApiFixture.StartAsync(options: ApiFixture.Loopback with { MaxTexts = 3 }, time: time);
        api.Engine.Ranks.Gate = new SemaphoreSlim(0);
        var late = api.PostAsync("""{"input":["a","b","c"],"timeout":5}""", Path);
        while (time.TimerCount == 0) await Task.Yield();

        var (refused, _) = await api.PostAsync("""{"input":"d"}""", Path);
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await late).Status);
        api.Engine.Ranks.Gate.Release(1000);
        await api.Engine.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Official_client_reads_vectors()
    {
        await using var api = await ApiFixture.StartAsync();
        var client = new EmbeddingClient("fake", new System.ClientModel.ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = api.BaseAddress });

        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(["Once upon a time", "there was"]);

        Assert.Equal(2, vectors.Count);
        int[] text = [.. SampleTokenizer.Instance.Encode("there was", true, true)];
        Assert.Equal(api.Engine.Model.Vector(text, [.. Enumerable.Range(0, text.Length)]), vectors[1].ToFloats().ToArray());
    }

    private static int[][] Texts(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.String => [[.. SampleTokenizer.Instance.Encode(input.GetString()!, true, true)]],
        _ when input[0].ValueKind == JsonValueKind.Number => [[.. input.EnumerateArray().Select(id => id.GetInt32())]],
        _ => [.. input.EnumerateArray().SelectMany(Texts)],
    };
}
