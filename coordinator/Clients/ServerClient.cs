using System.Net.Http.Headers;

namespace Cluster.Coordinator.Clients;

/// <summary>HTTP to a server; its failures are one line each.</summary>
internal sealed class ServerClient : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="server">Its root, with or without <c>/v1</c>.</param>
    /// <param name="apiKey">Null where it wants none.</param>
    public ServerClient(Uri server, string? apiKey)
    {
        var root = server.ToString().TrimEnd('/');
        if (root.EndsWith("/v1", StringComparison.Ordinal)) root = root[..^"/v1".Length];
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan, MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = new Uri($"{root}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (apiKey is not null) _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public Uri Server => _client.BaseAddress!;

    public void Dispose() => _client.Dispose();

    /// <summary>The whole answer to a request without a body.</summary>
    /// <exception cref="ServerException">The server cannot be reached, or refuses.</exception>
    public async Task<string> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The response as soon as its headers are there.</summary>
    /// <exception cref="ServerException">The server cannot be reached, or refuses.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new ServerException($"{Server} cannot be reached: {e.Message}");
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new ServerException($"{(int)response.StatusCode}: {ServerException.MessageOf(body) ?? response.ReasonPhrase ?? "no reason"}");
        }
    }
}
