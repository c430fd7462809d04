using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Page;

/// <summary>Serves the page for people: it comes from the program itself and asks nobody else for anything.</summary>
internal static class PageEndpoint
{
    /// <summary>The page, at the root.</summary>
    public static Task IndexAsync(HttpContext context) => WriteAsync(context, PageFiles.All["index.html"]);

    /// <summary>A file of the page by its name.</summary>
    public static Task FileAsync(HttpContext context, PageFile file) => WriteAsync(context, file);

    private static Task WriteAsync(HttpContext context, PageFile file)
    {
        var headers = context.Response.Headers;
        headers.ETag = file.EntityTag;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.Request.Headers.IfNoneMatch == file.EntityTag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = file.Content.Length;
        return context.Response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }
}
