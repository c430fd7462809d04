using System.Security.Cryptography;
using System.Text;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>What the programs of one host that reach each other's devices have in common: a start of the kernel, a network, a name.</summary>
internal static class HostIdentity
{
    /// <summary>Null where the system does not tell.</summary>
    public static string? Find()
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id");
            var network = File.ResolveLinkTarget("/proc/self/ns/net", returnFinalTarget: false)?.Name;
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{boot.Trim()} {network} {Environment.MachineName}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
