using System.Text;

namespace Cluster.Coordinator.Tests.Api.Malformed;

/// <summary>Makes requests that are wrong in many ways: bodies, lengths, encodings, headers, methods, and what is no HTTP at all.</summary>
internal sealed class MalformedRequestGenerator(int seed)
{
    private static readonly string[] s_paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/tokenize", "/detokenize", "/slots/0?action=save"];

    private static readonly string[] s_methods = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "POST2"];

    private static readonly string[] s_targets =
        ["/v1/models/%2e%2e%2f", "/v1/models/%00", "/..%2f..%2fetc/passwd", "/v1/%ff%fe", "/slots/99999999999999", "/slots/-1?action=erase", "//", "/v1/models/" + "a%20"];

    private readonly Random _random = new(seed);

    public MalformedRequest Next() => _random.Next(20) switch
    {
        // A garbled body may be right by chance.
        < 8 => Post("body", MalformedBodies.Garbled(_random), "", 200, 400, 404, 501),
        8 => Post("content type", MalformedBodies.Garbled(_random), "Content-Type: text/plain; charset=utf-16\r\n", 200, 400, 404, 501),
        9 => Post("compressed", [0x1f, 0x8b, 8, 0, .. MalformedBodies.Good(_random)], $"Content-Encoding: {Any("gzip", "br", "deflate", "ünknown", "gzip, br")}\r\n", 400, 404, 415, 501),
        10 => Raw("truncated body", $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {_random.Next(500, 5000)}\r\n\r\n{{\"prompt\":", 0, 400, 404, 408, 501),
        11 => Raw("length", $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Any("-1", "x", "1e3", "99999999999999999999999", "5, 5", "0x10")}\r\n\r\n{{}}", 400),
        12 => Raw("too large", $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {_random.NextInt64(9L << 20, 1L << 40)}\r\n\r\n{{}}", 404, 413, 501),
        13 => Chunks(),
        14 => Raw("headers", $"GET /health HTTP/1.1\r\nHost: localhost\r\n{Any("No colon\r\n", ": no name\r\n", "A\0b: c\r\n", " folded: x\r\n", "Bad Name: x\r\n", "X: a\rb\r\n")}\r\n", 400),
        15 => Raw("many headers", $"GET /health HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, _random.Next(150, 400)).Select(i => $"X-{i}: {i}\r\n"))}\r\n", 431),
        16 => Raw("request line", Any($"GET /{new string('a', 10_000)} HTTP/1.1\r\n\r\n", "GET / HTTP/3.7\r\n\r\n", "GET\r\n\r\n", "GET / \r\n\r\n", "GET  /  HTTP/1.1\r\n\r\n", "\r\n\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"), 0, 400, 414, 505),
        17 => Raw("method", $"{Any(s_methods)} {Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}", 204, 400, 403, 404, 405),
        18 => Raw("target", $"{Any("GET", "POST")} {Any(s_targets)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 400, 404, 501),
        _ => Rubbish(),
    };

    private string Path => Any(s_paths);

    private string Any(params string[] all) => all[_random.Next(all.Length)];

    private MalformedRequest Post(string kind, byte[] body, string headers, params int[] statuses) =>
        new(kind, [.. Encoding.Latin1.GetBytes($"POST {Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body], statuses);

    private static MalformedRequest Raw(string kind, string text, params int[] statuses) => new(kind, Encoding.Latin1.GetBytes(text), statuses);

    private MalformedRequest Chunks()
    {
        var head = $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: ";
        return _random.Next(3) switch
        {
            0 => Raw("transfer encoding", $"{head}{Any("gzip", "chunked, gzip", "none")}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n", 400),
            1 => Raw("truncated chunk", $"{head}chunked\r\n\r\n{Any("5\r\n{}\r\n0\r\n\r\n", "2\r\n{", "2\r\n{}\r\n", "1")}", 0, 400, 404, 501),
            _ => Raw("chunk size", $"{head}chunked\r\n\r\n{Any("zz\r\n", "-5\r\n", "fffffffffffffffff\r\n", "0x2\r\n{}\r\n")}", 400, 404, 501),
        };
    }

    private MalformedRequest Rubbish()
    {
        var bytes = new byte[_random.Next(1, 3000)];
        _random.NextBytes(bytes);
        return _random.Next(4) switch
        {
            0 => Raw("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 400, 505),
            1 => new MalformedRequest("TLS", [0x16, 3, 1, 2, 0, 1, .. bytes], 0, 400),
            _ => new MalformedRequest("rubbish", bytes, 0, 400, 414, 505),
        };
    }
}
