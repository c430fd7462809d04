using System.Globalization;

namespace Cluster.Compute.Gpu;

/// <summary>A device that has less memory free than is asked for; the message has the figures.</summary>
internal sealed class DeviceMemoryException(long wanted, long free, long total) : OutOfMemoryException(
    string.Create(CultureInfo.InvariantCulture, $"{Gibibytes(wanted):0.00} GiB more are needed, {Gibibytes(free):0.00} of its {Gibibytes(total):0.00} GiB are free"))
{
    private static double Gibibytes(long bytes) => bytes / (double)(1 << 30);
}
