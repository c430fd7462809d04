using System.Security.Cryptography;
using System.Text;
using Cluster.Compute.Devices;
using Cluster.Model.Folders;

namespace Cluster.Compute.Gpu;

/// <summary>
/// Compiled programs on disk, named by the SHA-256 of all that they depend on. A folder that cannot be used costs the time to compile and
/// nothing else.
/// </summary>
internal sealed class KernelCache(string folder)
{
    /// <summary>$XDG_CACHE_HOME/cluster/kernels, or its default.</summary>
    public static string DefaultFolder => CacheFolder.Of("kernels");

    /// <summary>In the folder that a device is opened with.</summary>
    public static KernelCache Of(DeviceOptions options) => new(options.KernelCache ?? DefaultFolder);

    /// <summary>What was kept under a key; null for nothing.</summary>
    public byte[]? Read(string key)
    {
        try
        {
            return File.ReadAllBytes(PathOf(key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Write(string key, byte[] image)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var path = PathOf(key);
            // Whole or not at all, also for another process that looks at the same time.
            var temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is compiled again the next time.
        }
    }

    private string PathOf(string key) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + ".bin");
}
