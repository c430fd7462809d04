using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace Cluster.Coordinator.Page;

/// <summary>The page's files, which the program carries in itself.</summary>
internal static class PageFiles
{
    /// <summary>What resources of the page are named by in the assembly.</summary>
    private const string Prefix = "page/";

    private static readonly Lazy<FrozenDictionary<string, PageFile>> s_files = new(Load);

    /// <summary>By name; <c>index.html</c> is the page.</summary>
    public static FrozenDictionary<string, PageFile> All => s_files.Value;

    private static FrozenDictionary<string, PageFile> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, PageFile>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(resource[Prefix.Length..], new PageFile(content, ContentType(resource), $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\""));
        }

        return files.ToFrozenDictionary();
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        var other => throw new InvalidOperationException($"{name}: no media type for {other}"),
    };
}
