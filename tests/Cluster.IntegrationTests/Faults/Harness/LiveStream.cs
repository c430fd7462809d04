using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>One streamed completion, as its client sees it.</summary>
/// <param name="prompt">Token ids.</param>
/// <param name="tokens">Tokens to generate.</param>
/// <param name="temperature">0 for greedy.</param>
/// <param name="seed">Of the sampling.</param>
internal sealed class LiveStream(int[] prompt, int tokens, double temperature, int seed)
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    /// <summary>Tokens that the answer counts.</summary>
    public int Count { get; private set; }

    /// <summary>What it ended with instead of its text; null when all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>The longest time between two tokens.</summary>
    public TimeSpan Pause { get; private set; }

    /// <summary>The same request once more.</summary>
    public LiveStream Again() => new(prompt, tokens, temperature, seed);

    /// <summary>Different texts, greedy ones and sampled ones in turn.</summary>
    public static LiveStream[] Create(int count, int tokens, Random random) =>
    [
        .. Enumerable.Range(0, count).Select(index => new LiveStream(
            [.. Enumerable.Range(0, random.Next(4, 40)).Select(_ => random.Next(300, 4000))], tokens, index % 2 == 0 ? 0 : 0.9, random.Next())),
    ];

    public async Task RunAsync(HttpClient client, Action onToken)
    {
        var body = FormattableString.Invariant(
            $$"""{"prompt":[{{string.Join(',', prompt)}}],"max_tokens":{{tokens}},"temperature":{{temperature}},"seed":{{seed}},"ignore_eos":true,"stream":true,"stream_options":{"include_usage":true} }""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        long? last = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) line = line["data: ".Length..];
            if (line.Length == 0 || line == "[DONE]") continue;

            var data = JsonDocument.Parse(line).RootElement;
            if (data.TryGetProperty("error", out var error)) Error = error.GetProperty("message").GetString();
            if (!data.TryGetProperty("choices", out var choices)) continue;
            if (data.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object) Count = usage.GetProperty("completion_tokens").GetInt32();
            if (choices.GetArrayLength() == 0) continue;

            _text.Append(choices[0].GetProperty("text").GetString());
            var now = Stopwatch.GetTimestamp();
            if (last is { } before && Stopwatch.GetElapsedTime(before, now) is var pause && pause > Pause) Pause = pause;
            last = now;
            onToken();
        }
    }
}
