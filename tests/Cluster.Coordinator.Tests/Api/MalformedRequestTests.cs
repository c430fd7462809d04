using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Tests.Api.Malformed;

namespace Cluster.Coordinator.Tests.Api;

public sealed class MalformedRequestTests
{
    /// <summary>How many; a long run on its own is for whoever sets this, and then nothing may be left in memory.</summary>
    private const string CountVariable = "CLUSTER_FUZZ_REQUESTS";

    private const int DefaultCount = 1500;

    private const long Growth = 8 << 20;

    [Fact]
    public async Task Malformed_requests_get_their_status_and_no_500()
    {
        await using var api = await ApiFixture.StartAsync();
        var given = Environment.GetEnvironmentVariable(CountVariable);
        var count = given is null ? DefaultCount : int.Parse(given, CultureInfo.InvariantCulture);
        var generator = new MalformedRequestGenerator(seed: 3);
        var kinds = new SortedDictionary<string, int>();
        var problems = new List<string>();
        long before = 0;
        for (var i = 0; i < count; i++)
        {
            var request = generator.Next();
            var answer = await RawAnswer.ToAsync(api.BaseAddress, request);

            if (!request.Statuses.Contains(answer.Status) || answer.Text.Contains("   at ", StringComparison.Ordinal))
                problems.Add($"{request.Kind} {i}: {answer.Text} for {Encoding.Latin1.GetString(request.Bytes.AsSpan(0, Math.Min(request.Bytes.Length, 300)))}");
            else if (answer.Status >= 400 && answer.Text.Contains("application/json", StringComparison.Ordinal)) AssertTells(answer);
            kinds[request.Kind] = kinds.GetValueOrDefault(request.Kind) + 1;
            if (i == count / 5) before = GC.GetTotalMemory(forceFullCollection: true);
        }

        Assert.Empty(problems);
        Assert.True(kinds.Count >= 16, string.Join(", ", kinds));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health/ready")).Status);
        await api.Engine.AssertNothingLeaksAsync();
        if (given is not null) Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, before + Growth);
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

    private static void AssertTells(RawAnswer answer)
    {
        var body = answer.Text[answer.Text.IndexOf('{', StringComparison.Ordinal)..];
        Assert.NotEqual("", JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("message").GetString());
    }
}
