using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Cluster.Coordinator.Clients;

/// <summary>A client of any server with OpenAI's API; its failures are one line each.</summary>
internal sealed class CompletionClient(ServerClient server) : IDisposable
{
    private const int LongestLine = 16 << 20;

    public Uri Server => server.Server;

    /// <summary>The first model that the server lists.</summary>
    /// <exception cref="ServerException">It cannot be reached, or refuses.</exception>
    public async Task<string> ModelAsync(CancellationToken cancellationToken)
    {
        using var response = await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "v1/models"), cancellationToken).ConfigureAwait(false);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
            return document.RootElement.GetProperty("data")[0].GetProperty("id").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new ServerException($"{Server}v1/models does not list models as OpenAI's API does");
        }
    }

    /// <summary>Asks for a streamed answer and gives its parts as they come.</summary>
    /// <param name="path">Relative to the root.</param>
    /// <param name="body">JSON of the request.</param>
    /// <param name="cancellationToken">Gives the answer up.</param>
    /// <exception cref="ServerException">The server cannot be reached, refuses, or breaks off.</exception>
    public async IAsyncEnumerable<StreamPart> StreamAsync(string path, ReadOnlyMemory<byte> body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await server.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await ReadLineAsync(reader, cancellationToken).ConfigureAwait(false) is { } line)
        {
            // Other fields of server-sent events, comments and the lines between events say nothing here.
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            var data = line.AsMemory("data:".Length).TrimStart(' ');
            if (data.Span is "[DONE]") yield break;
            yield return StreamPart.Parse(data);
        }

        throw new ServerException("the server broke off its answer");
    }

    public void Dispose() => server.Dispose();

    private static async ValueTask<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            return line is { Length: > LongestLine } ? throw new ServerException("the server sent an event that is too long") : line;
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw new ServerException($"the server broke off its answer: {e.Message}");
        }
    }
}
