using System.Security.Cryptography;
using System.Text;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Compilation;

/// <summary>The CUDA C files of this assembly by file name, as programs include them.</summary>
internal static class KernelSources
{
    public static IReadOnlyList<(string Name, byte[] Text)> All { get; } = KernelFiles.Read("Kernels/");

    /// <summary>SHA-256 of all of them.</summary>
    public static string Hash { get; } = ComputeHash();

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
