using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Cluster.Coordinator.Hub;

/// <summary>
/// The part of Hugging Face's HTTP API that pulling needs: a repository's files (<c>/api/models/REPO/tree/REVISION</c>) and their content
/// (<c>/REPO/resolve/REVISION/PATH</c>), which it may send on to another host.
/// </summary>
internal sealed class HubClient : IDisposable
{
    /// <summary>How long a server may keep silent.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;

    /// <param name="endpoint">The server.</param>
    /// <param name="token">What it lets a user in by; it goes to no other host.</param>
    /// <param name="time">What patience is measured by.</param>
    public HubClient(Uri endpoint, string? token, TimeProvider time)
    {
        _endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/");
        _time = time;
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("cluster", "1"));
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>HF_ENDPOINT and HF_TOKEN, as Hugging Face's own programs read them.</summary>
    /// <exception cref="ClusterException">HF_ENDPOINT is no address.</exception>
    public static HubClient FromEnvironment(TimeProvider time)
    {
        var endpoint = Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } given ? given : "https://huggingface.co";
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ClusterException($"HF_ENDPOINT is '{endpoint}', which is no http or https address");
        return new HubClient(address, Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } token ? token : null, time);
    }

    /// <summary>All files of a repository.</summary>
    /// <exception cref="TransferException">Asking again may help.</exception>
    /// <exception cref="ClusterException">It will not.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(string repository, string revision, CancellationToken cancellationToken)
    {
        var files = new List<HubFile>();
        for (var page = new Uri(_endpoint, $"api/models/{repository}/tree/{Uri.EscapeDataString(revision)}?recursive=true"); page is not null;)
        {
            using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, page), repository, cancellationToken).ConfigureAwait(false);
            files.AddRange(await ReadPageAsync(response, repository, cancellationToken).ConfigureAwait(false));
            page = NextPage(response, page);
        }

        return files;
    }

    /// <summary>A file's content from <paramref name="offset"/> on, if the server can; else from the beginning, with status 200.</summary>
    /// <exception cref="TransferException">Asking again may help.</exception>
    /// <exception cref="ClusterException">It will not.</exception>
    public Task<HttpResponseMessage> OpenAsync(string repository, string revision, string path, long offset, CancellationToken cancellationToken)
    {
        var escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_endpoint, $"{repository}/resolve/{Uri.EscapeDataString(revision)}/{escaped}"));
        if (offset > 0) request.Headers.Range = new RangeHeaderValue(offset, null);
        return SendAsync(request, $"{repository}/{path}", cancellationToken);
    }

    /// <summary>Does something that waits for the server.</summary>
    /// <exception cref="TransferException">It failed, or took too long.</exception>
    public async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> receive, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await receive(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransferException($"{_endpoint.Authority} has sent nothing for {s_patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransferException($"{_endpoint.Authority}: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        using (request)
        {
            var response = await WaitAsync(token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                if (IsTransient(response.StatusCode))
                    throw new TransferException($"{_endpoint.Authority} answers {(int)response.StatusCode} for {what}", WhenAgain(response));
                throw new ClusterException(response.StatusCode switch
                {
                    HttpStatusCode.NotFound => $"{_endpoint.Authority} has no {what}",
                    HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                        $"{_endpoint.Authority} does not give {what} away: it does not exist, or HF_TOKEN has to be set to a token that may read it",
                    var status => $"{_endpoint.Authority} answers {(int)status} for {what}",
                });
            }
        }
    }

    private async Task<IEnumerable<HubFile>> ReadPageAsync(HttpResponseMessage response, string repository, CancellationToken cancellationToken)
    {
        try
        {
            var page = await WaitAsync(
                async token => await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false), cancellationToken: token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            using (page) return [.. page.RootElement.EnumerateArray().Where(entry => entry.GetProperty("type").GetString() == "file").Select(ReadFile)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ClusterException($"{_endpoint.Authority} describes {repository} in a way that is not understood: {e.Message}");
        }
    }

    private static HubFile ReadFile(JsonElement entry) => new(
        entry.GetProperty("path").GetString() ?? "",
        entry.GetProperty("size").GetInt64(),
        entry.TryGetProperty("lfs", out var stored) && stored.ValueKind == JsonValueKind.Object && stored.TryGetProperty("oid", out var hash) ? hash.GetString() : null);

    /// <summary>Whether a later answer may be another one.</summary>
    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Long lists go on at what the header Link names.</summary>
    private static Uri? NextPage(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out var links)) return null;
        foreach (var link in links.SelectMany(value => value.Split(',')))
        {
            var (start, end) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
            if (start >= 0 && end > start && link[end..].Contains("rel=\"next\"", StringComparison.Ordinal)
                && Uri.TryCreate(page, link[(start + 1)..end], out var next) && next.Authority == page.Authority)
                return next;
        }

        return null;
    }

    private TimeSpan? WhenAgain(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } told ? told.Delta ?? told.Date - _time.GetUtcNow() : null;
}
