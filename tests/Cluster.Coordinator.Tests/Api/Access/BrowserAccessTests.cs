using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Api.Access;
using Cluster.Coordinator.Api.Keys;

namespace Cluster.Coordinator.Tests.Api.Access;

/// <summary>What pages in a browser can reach.</summary>
public sealed class BrowserAccessTests
{
    private const string Body = """{"content":"x"}""";

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:9999", true)]
    [InlineData("127.3.2.1:8080", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8080", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("192.168.1.5", false)]
    public async Task Without_keys_only_this_machines_names_are_answered_to(string host, bool isAllowed)
    {
        await using var api = await ApiFixture.StartAsync();

        foreach (var path in new[] { "/", "/v1/models", "/health/live" })
        {
            using var response = await api.SendAsync(HttpMethod.Get, path, headers: ("Host", host));
            Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
            if (!isAllowed) Assert.Equal("host_not_allowed", await CodeAsync(response));
        }
    }

    [Theory]
    [InlineData("https://evil.example", "", false)]
    [InlineData("null", "", false)]
    [InlineData("http://localhost:1", "", false)] // another program's page
    [InlineData("http://localhost:4321", "", true)] // our own
    [InlineData("https://chat.example", "https://chat.example", true)]
    [InlineData("https://chat.example:444", "https://chat.example", false)]
    [InlineData("https://evil.example", "*", true)]
    public async Task Without_keys_pages_of_other_origins_post_nothing(string origin, string allowed, bool isAllowed)
    {
        await using var api = await ApiFixture.StartAsync(options: Allowing(allowed));

        using var response = await api.SendAsync(HttpMethod.Post, "/tokenize", Body, headers: [("Host", "localhost:4321"), ("Origin", origin)]);

        Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        if (!isAllowed) Assert.Equal("origin_not_allowed", await CodeAsync(response));
    }

    [Fact]
    public async Task With_keys_a_key_is_what_counts()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, $"ann {KeyHash.Of("sk-ann")}\n");
        await using var api = await ApiFixture.StartAsync(options: ApiFixture.Loopback with { KeyFile = path });
        File.Delete(path);

        using var response = await api.SendAsync(HttpMethod.Post, "/tokenize", Body, "sk-ann", ("Host", "cluster.example"), ("Origin", "app://editor"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("", "https://a.example", null)]
    [InlineData("https://a.example", "https://b.example", null)]
    [InlineData("https://a.example https://b.example", "https://b.example", "https://b.example")]
    [InlineData("*", "https://b.example", "*")]
    public async Task Browsers_learn_whom_they_may_show_answers(string allowed, string origin, string? expected)
    {
        await using var api = await ApiFixture.StartAsync(options: Allowing(allowed));

        using var read = await api.SendAsync(HttpMethod.Get, "/v1/models", headers: ("Origin", origin));
        using var failed = await api.SendAsync(HttpMethod.Get, "/nothing", headers: ("Origin", origin));
        using var asked = await api.SendAsync(
            HttpMethod.Options, "/v1/chat/completions",
            headers: [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,x-stainless-os")]);

        foreach (var response in new[] { read, failed, asked })
        {
            Assert.Equal(expected, Header(response, "Access-Control-Allow-Origin"));
            Assert.Equal(expected is null or "*" ? null : "Origin", Header(response, "Vary"));
        }

        Assert.Equal(expected is null ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal(expected is null ? null : "authorization,x-stainless-os", Header(asked, "Access-Control-Allow-Headers"));
        Assert.Equal(expected is null ? null : "GET, POST", Header(asked, "Access-Control-Allow-Methods"));
    }

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("app://editor", true)]
    [InlineData("*", true)]
    [InlineData("a.example", false)]
    [InlineData("https://a.example/", false)]
    [InlineData("https://a.example/chat", false)]
    [InlineData("", false)]
    public void Origins_are_told_from_other_texts(string text, bool isOrigin) => Assert.Equal(isOrigin, CrossOriginAccess.IsOrigin(text));

    private static ApiOptions Allowing(string origins) => ApiFixture.Loopback with { CrossOrigins = origins.Split(' ', StringSplitOptions.RemoveEmptyEntries) };

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("code").GetString();
}
