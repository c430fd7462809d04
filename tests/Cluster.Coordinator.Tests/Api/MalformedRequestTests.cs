using System.Net;
using System.Text;
using System.Text.Json;

namespace Cluster.Coordinator.Tests.Api;

public sealed class MalformedRequestTests
{
    private static readonly string[] s_paths = ["/v1/chat/completions", "/v1/completions", "/tokenize", "/detokenize", "/slots/0?action=save"];

    private static readonly string[] s_good =
    [
        """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1,"stop":["x"],"logit_bias":{"5":1},"stream_options":null}""",
        """{"prompt":[1,2,3],"max_tokens":1,"temperature":0.5,"seed":5,"n":1,"stream":true}""",
        """{"content":"Hi","add_special":true}""",
        """{"tokens":[1,2,3]}""",
    ];

    [Fact]
    public async Task Garbled_bodies_get_an_error_of_their_own_and_no_500()
    {
        await using var api = await ApiFixture.StartAsync();
        using var client = new HttpClient();
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 1500; i++)
        {
            var body = Garble(random, Encoding.UTF8.GetBytes(s_good[random.Next(s_good.Length)]));
            using var content = new ByteArrayContent(body);
            if (i % 3 != 0) content.Headers.TryAddWithoutValidation("Content-Type", i % 5 == 0 ? "text/plain; charset=utf-16" : "application/json");
            using var response = await client.PostAsync(new Uri(api.BaseAddress, s_paths[random.Next(s_paths.Length)]), content);
            var answer = await response.Content.ReadAsStringAsync();

            Assert.True((int)response.StatusCode is 200 or 400 or 404 or 501, $"{response.StatusCode} for {Encoding.UTF8.GetString(body)}: {answer}");
            Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
            if (response.StatusCode == HttpStatusCode.OK) continue;
            refused++;
            Assert.NotEqual("", JsonDocument.Parse(answer).RootElement.GetProperty("error").GetProperty("message").GetString());
        }

        Assert.True(refused > 1000, $"only {refused} were refused");
    }

    [Fact]
    public async Task Sizes_and_encodings_have_their_own_status()
    {
        await using var api = await ApiFixture.StartAsync();
        using var client = new HttpClient();
        var path = new Uri(api.BaseAddress, "/v1/completions");

        using var large = new ByteArrayContent(new byte[9 << 20]);
        using var packed = new ByteArrayContent([0x1f, 0x8b, 8, 0]);
        packed.Headers.ContentEncoding.Add("gzip");

        // The server refuses by the headers and would close the connection on a body that comes all the same.
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = large };
        request.Headers.ExpectContinue = true;
        using var tooLarge = await client.SendAsync(request);
        using var compressed = await client.PostAsync(path, packed);
        using var missing = await client.GetAsync(path);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.NotFound), (tooLarge.StatusCode, compressed.StatusCode, missing.StatusCode));
        foreach (var response in new[] { tooLarge, compressed, missing })
            Assert.True(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.TryGetProperty("error", out _));
    }

    private static byte[] Garble(Random random, byte[] body)
    {
        switch (random.Next(6))
        {
            case 0:
                return body[..random.Next(body.Length)];
            case 1:
                body[random.Next(body.Length)] = (byte)random.Next(256);
                return body;
            case 2:
                return Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body));
            case 3:
                var bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                return bytes;
            case 4:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 5000)));
            default:
                // A value of another type: numbers, texts, lists and objects in each other's places.
                string[] values = ["null", "-1", "1e400", "\"\\ud800\"", "[[]]", "{\"a\":{}}", "true", "\"x\"", "99999999999999999999", "[null]"];
                var text = Encoding.UTF8.GetString(body);
                var colon = text.IndexOf(':', random.Next(text.Length / 2));
                return Encoding.UTF8.GetBytes($"{text[..(colon + 1)]}{values[random.Next(values.Length)]}}}");
        }
    }
}
