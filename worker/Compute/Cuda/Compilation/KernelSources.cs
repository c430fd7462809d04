using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Cluster.Compute.Cuda.Compilation;

/// <summary>The CUDA C files of this assembly by file name, as programs include them.</summary>
internal static class KernelSources
{
    private const string Prefix = "Kernels/";

    public static IReadOnlyList<(string Name, byte[] Text)> All { get; } = Read();

    /// <summary>SHA-256 of all of them.</summary>
    public static string Hash { get; } = ComputeHash();

    private static List<(string Name, byte[] Text)> Read()
    {
        var assembly = typeof(KernelSources).Assembly;
        var sources = new List<(string, byte[])>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(Prefix, StringComparison.Ordinal)) sources.Add((resource[Prefix.Length..], ReadText(assembly, resource)));
        }

        sources.Sort((a, b) => string.CompareOrdinal(a.Item1, b.Item1));
        return sources;
    }

    private static byte[] ReadText(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }

    private static string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in All)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + '\0'));
            hash.AppendData(text);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
