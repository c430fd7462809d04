using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Api;

public sealed class TokenizeEndpointTests
{
    [Fact]
    public async Task Text_and_tokens_become_each_other()
    {
        await using var api = await ApiFixture.StartAsync();
        const string Text = "Once upon a time <|im_end|> é😀";

        var (_, tokenized) = await api.PostAsync(JsonSerializer.Serialize(new { content = Text, parse_special = false }), "/tokenize");
        var ids = tokenized.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()).ToArray();
        var (_, text) = await api.PostAsync(JsonSerializer.Serialize(new { tokens = ids }), "/detokenize");

        Assert.Equal(SampleTokenizer.Instance.Encode(Text, false, false), ids);
        Assert.Equal(Text, text.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Pieces_and_special_tokens_come_on_request()
    {
        await using var api = await ApiFixture.StartAsync();

        var (_, body) = await api.PostAsync("""{"content":"Hi<|im_end|>","add_special":true,"with_pieces":true}""", "/tokenize");

        var expected = SampleTokenizer.Instance.Encode("Hi<|im_end|>", true, true);
        Assert.Equal(expected, body.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));
        Assert.Equal("<|im_end|>", body.GetProperty("tokens").EnumerateArray().Last().GetProperty("piece").GetString());
    }

    [Theory]
    [InlineData("/tokenize", "{}", "content")]
    [InlineData("/tokenize", """{"content":7}""", "content")]
    [InlineData("/detokenize", """{"tokens":"x"}""", "tokens")]
    [InlineData("/detokenize", """{"tokens":[1,-1]}""", "tokens[1]")]
    [InlineData("/detokenize", """{"tokens":[1,99999999]}""", "tokens")]
    public async Task Wrong_parameter_is_named(string path, string body, string parameter)
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, answer) = await api.PostAsync(body, path);

        Assert.Equal((HttpStatusCode.BadRequest, parameter), (status, answer.GetProperty("error").GetProperty("param").GetString()));
    }
}
