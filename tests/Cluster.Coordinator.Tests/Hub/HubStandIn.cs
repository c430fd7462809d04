using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Testing.Hosting;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Tests.Hub;

/// <summary>A server with one repository, o/m, that answers as Hugging Face does: a list of files, content by range from "another host".</summary>
internal sealed class HubStandIn : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _files;
    private LoopbackServer? _server;

    private HubStandIn(Dictionary<string, byte[]> files) => _files = files;

    public Uri Address => _server!.Address;

    /// <summary>Content requests: range, and whether a token came along.</summary>
    public ConcurrentQueue<(string Range, bool HasToken)> Requests { get; } = [];

    /// <summary>What is done with the content requests to come, one after the other; later ones are answered well.</summary>
    public ConcurrentQueue<Func<HttpContext, byte[], Task>> Faults { get; } = [];

    /// <summary>The token without which nothing is told.</summary>
    public string? Token { get; init; }

    public bool KnowsRanges { get; set; } = true;

    /// <summary>Files whose checksum it gets wrong.</summary>
    public bool LiesAboutContent { get; set; }

    public static async Task<HubStandIn> StartAsync(Dictionary<string, byte[]> files, string? token = null)
    {
        var server = new HubStandIn(files) { Token = token };
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync);
        return server;
    }

    /// <summary>Sends so many bytes of what is asked for and ends the connection.</summary>
    public static Func<HttpContext, byte[], Task> CutAfter(int bytes) => async (context, content) =>
    {
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content.AsMemory(0, bytes));
        await context.Response.Body.FlushAsync();
        context.Abort();
    };

    public static Func<HttpContext, byte[], Task> Status(int status, string? retryAfter = null) => (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    };

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var hasToken = context.Request.Headers.Authorization == $"Bearer {Token}";
        if (path.StartsWith("/content/", StringComparison.Ordinal)) return SendAsync(context, _files[path["/content/".Length..]], hasToken);
        if (Token is not null && !hasToken) return Status(401)(context, []);
        if (path == "/api/models/o/m/tree/main") return ListAsync(context);

        const string Resolve = "/o/m/resolve/main/";
        if (!path.StartsWith(Resolve, StringComparison.Ordinal) || !_files.ContainsKey(path[Resolve.Length..])) return Status(404)(context, []);
        context.Response.Redirect($"/content/{path[Resolve.Length..]}");
        return Task.CompletedTask;
    }

    /// <summary>A page for each file, and a folder, as in long lists.</summary>
    private Task ListAsync(HttpContext context)
    {
        var page = context.Request.Query.TryGetValue("page", out var value) ? int.Parse(value!, null) : 0;
        var (path, content) = _files.ElementAt(page);
        if (page + 1 < _files.Count) context.Response.Headers.Link = $"<{Address}api/models/o/m/tree/main?page={page + 1}>; rel=\"next\"";
        var hash = Convert.ToHexStringLower(SHA256.HashData(LiesAboutContent ? [1] : content));
        return context.Response.WriteAsJsonAsync(new object[]
        {
            new { type = "directory", path = "d", size = 0 },
            new { type = "file", path, size = content.Length, lfs = new { oid = hash, size = content.Length } },
        }, JsonSerializerOptions.Web);
    }

    private async Task SendAsync(HttpContext context, byte[] content, bool hasToken)
    {
        var range = context.Request.Headers.Range.ToString();
        Requests.Enqueue((range, hasToken));
        var start = KnowsRanges && range.Length > 0 ? int.Parse(range["bytes=".Length..^1], null) : 0;
        if (start > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }

        if (Faults.TryDequeue(out var fault))
        {
            await fault(context, content[start..]);
            return;
        }

        context.Response.ContentLength = content.Length - start;
        await context.Response.Body.WriteAsync(content.AsMemory(start));
    }
}
