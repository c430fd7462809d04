using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Cluster.IntegrationTests.Running;

/// <summary>A <c>cluster serve</c> on free ports of this machine, ready for requests.</summary>
internal sealed class ServeProcess : IDisposable
{
    private readonly HttpClient _client;
    private readonly Process _process;

    private ServeProcess(Process process, Uri address)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = address };
    }

    /// <summary>The API's root.</summary>
    public Uri Address => _client.BaseAddress!;

    public static Task<ServeProcess> StartAsync(params string[] arguments) => StartAsync(_ => { }, arguments);

    /// <param name="join">Told where workers join, once they can.</param>
    /// <param name="arguments">After those that choose ports.</param>
    public static async Task<ServeProcess> StartAsync(Action<string> join, params string[] arguments)
    {
        var process = ClusterProgram.Start(["serve", "--listen", "127.0.0.1:0", "--cluster-listen", "127.0.0.1:0", .. arguments]);
        var errors = process.StandardError.ReadToEndAsync();
        Uri? address = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            const string Api = "API on ";
            if (line.StartsWith(Api, StringComparison.Ordinal)) address = new Uri(line[Api.Length..line.IndexOf(',', StringComparison.Ordinal)]);
            const string Join = "Workers join at ";
            if (line.StartsWith(Join, StringComparison.Ordinal)) join(line[Join.Length..line.IndexOf(';', StringComparison.Ordinal)]);
            if (line == "Ready") return new ServeProcess(process, address!);
        }

        Assert.Fail(await errors);
        return null!;
    }

    /// <summary>Continues a prompt greedily.</summary>
    public async Task<(string Text, int CachedTokens)> CompleteAsync(IEnumerable<int> prompt, int tokens)
    {
        var body = $$"""{"prompt":[{{string.Join(',', prompt)}}],"max_tokens":{{tokens}},"temperature":0,"ignore_eos":true}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri("/v1/completions", UriKind.Relative), content);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return (
            answer.GetProperty("choices")[0].GetProperty("text").GetString()!,
            answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    /// <summary>Bytes of the model that workers had of a source: coordinator, peer or cache.</summary>
    public async Task<long> WeightBytesAsync(string source)
    {
        var name = $"cluster_weights_bytes_total{{source=\"{source}\"}} ";
        var metrics = await _client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = metrics.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The vectors of texts.</summary>
    public async Task<float[][]> EmbedAsync(params string[] texts)
    {
        using var content = new StringContent($$"""{"input":{{JsonSerializer.Serialize(texts)}}}""", Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri("/v1/embeddings", UriKind.Relative), content);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return [.. answer.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("embedding").EnumerateArray().Select(element => element.GetSingle()).ToArray())];
    }

    /// <summary>Ends one of its local workers as a crash would.</summary>
    public void KillWorker(string name)
    {
        var workers = Process.GetProcesses().Where(process => IsWorker(process.Id, name)).ToList();
        Assert.Single(workers).Kill();
        foreach (var worker in workers) worker.Dispose();
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private bool IsWorker(int processId, string name)
    {
        try
        {
            // "ID (NAME) STATE PARENT …", and the arguments with a zero byte after each.
            var parent = File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].Split(' ')[1];
            return parent == _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)
                && File.ReadAllText($"/proc/{processId}/cmdline").Contains($"--name\0{name}\0", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended in the meantime.
            return false;
        }
    }
}
