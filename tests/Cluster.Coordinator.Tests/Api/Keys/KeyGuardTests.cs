using System.Net;
using System.Text.Json;
using Cluster.Coordinator.Api.Keys;

namespace Cluster.Coordinator.Tests.Api.Keys;

/// <summary>The API as clients meet it that need keys.</summary>
public sealed class KeyGuardTests : IDisposable
{
    private const string Completion = """{"prompt":[5,600,7],"max_tokens":4,"temperature":0,"ignore_eos":true}""";

    private readonly string _path = Path.GetTempFileName();
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _log = [];

    [Fact]
    public async Task Everything_but_health_and_the_page_needs_a_key()
    {
        Write("ann", "sk-ann");
        await using var api = await StartAsync();

        foreach (var open in new[] { "/health", "/health/live", "/health/ready", "/", "/app.js", "/style.css" })
            Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, open)).Status);
        foreach (var route in new[] { "/v1/models", "/cluster", "/slots", "/openapi.json", "/nothing" })
        {
            var (status, error) = await api.FetchAsync(HttpMethod.Get, route);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key", "invalid_request_error"), (status, Member(error, "code"), Member(error, "type")));
        }

        foreach (var route in new[] { "/v1/chat/completions", "/v1/completions", "/tokenize", "/detokenize", "/slots/0" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await api.FetchAsync(HttpMethod.Post, route, "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.FetchAsync(HttpMethod.Get, "/nothing", key: "sk-ann")).Status);
    }

    [Theory]
    [InlineData("sk-ann", HttpStatusCode.OK)]
    [InlineData("sk-an", HttpStatusCode.Unauthorized)]
    [InlineData("sk-ann1", HttpStatusCode.Unauthorized)]
    [InlineData("sk-bob", HttpStatusCode.OK)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    public async Task Only_a_key_of_the_file_opens(string key, HttpStatusCode expected)
    {
        Write("ann", "sk-ann");
        Write("bob", "sk-bob");
        await using var api = await StartAsync();

        Assert.Equal(expected, (await api.FetchAsync(HttpMethod.Post, "/v1/completions", Completion, key)).Status);
    }

    [Fact]
    public async Task The_file_is_read_again_when_it_changes_and_a_wrong_one_changes_nothing()
    {
        Write("ann", "sk-ann");
        await using var api = await StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.FetchAsync(HttpMethod.Get, "/v1/models", key: "sk-bob")).Status);

        Write("bob", "sk-bob");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, "/v1/models", key: "sk-bob")).Status);

        File.AppendAllText(_path, "eve\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, "/v1/models", key: "sk-ann")).Status);
        File.Delete(_path);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, "/v1/models", key: "sk-bob")).Status);

        Write("bob", "sk-bob");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.FetchAsync(HttpMethod.Get, "/v1/models", key: "sk-ann")).Status);
        Assert.Collection(
            _log,
            line => Assert.EndsWith("read again", line, StringComparison.Ordinal),
            line => Assert.Contains("line 3: 'eve' must be followed by", line, StringComparison.Ordinal),
            line => Assert.EndsWith("stays in use", line, StringComparison.Ordinal),
            line => Assert.EndsWith("read again", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_has_its_own_rate_and_context()
    {
        Write("ann", "sk-ann", "rpm=3 context=6");
        Write("bob", "sk-bob");
        await using var api = await StartAsync();

        var (_, cut) = await api.FetchAsync(HttpMethod.Post, "/v1/completions", Completion, "sk-ann");
        var (tooLong, error) = await api.FetchAsync(HttpMethod.Post, "/v1/completions", """{"prompt":[5,600,7,8,9,10]}""", "sk-ann");
        await api.FetchAsync(HttpMethod.Post, "/tokenize", """{"content":""}""", "sk-ann");
        using var refused = await api.SendAsync(HttpMethod.Post, "/v1/completions", Completion, "sk-ann");
        var (others, _) = await api.FetchAsync(HttpMethod.Post, "/v1/completions", Completion, "sk-bob");

        Assert.Equal(3, JsonDocument.Parse(cut).RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded"), (tooLong, Member(error, "code")));
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(20)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.OK, others);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_ends_the_start()
    {
        File.WriteAllText(_path, "nonsense\n");

        var wrong = await Assert.ThrowsAsync<ClusterException>(() => StartAsync());
        File.Delete(_path);
        var missing = await Assert.ThrowsAsync<ClusterException>(() => StartAsync());

        Assert.Contains("line 1: 'nonsense' must be followed by", wrong.Message, StringComparison.Ordinal);
        Assert.StartsWith(_path, missing.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);

    private Task<ApiFixture> StartAsync() =>
        ApiFixture.StartAsync(options: ApiFixture.Loopback with { KeyFile = _path, Log = _log.Add }, time: _time);

    private void Write(string name, string key, string options = "") => File.AppendAllText(_path, $"{name} {KeyHash.Of(key)} {options}\n");

    private static string? Member(string error, string name) => JsonDocument.Parse(error).RootElement.GetProperty("error").GetProperty(name).GetString();
}
