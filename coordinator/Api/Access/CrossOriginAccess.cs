using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Cluster.Coordinator.Api.Access;

/// <summary>Which pages of other origins browsers may let use the API: what the Fetch standard calls the CORS protocol.</summary>
/// <param name="origins">As browsers write them, such as <c>https://chat.example.org</c>; <c>*</c> is all.</param>
internal sealed class CrossOriginAccess(IReadOnlyList<string> origins)
{
    public const string All = "*";

    private const string MaxAgeSeconds = "600";

    private readonly HashSet<string> _origins = origins.ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the text can name an origin: a scheme, a host and perhaps a port.</summary>
    public static bool IsOrigin(string text) =>
        text == All || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase));

    public bool Includes(string origin) => _origins.Contains(All) || _origins.Contains(origin);

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var (request, headers) = (context.Request.Headers, context.Response.Headers);
        var origin = request.Origin.ToString();
        if (origin.Length == 0 || !Includes(origin)) return next(context);

        headers.AccessControlAllowOrigin = _origins.Contains(All) ? All : origin;
        if (!_origins.Contains(All)) headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (!HttpMethods.IsOptions(context.Request.Method) || request.AccessControlRequestMethod.Count == 0)
        {
            headers.AccessControlExposeHeaders = HeaderNames.RetryAfter;
            return next(context);
        }

        // The browser asks whether the page may send its request.
        headers.AccessControlAllowMethods = "GET, POST";
        if (request.AccessControlRequestHeaders is { Count: > 0 } asked) headers.AccessControlAllowHeaders = asked;
        headers.AccessControlMaxAge = MaxAgeSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
