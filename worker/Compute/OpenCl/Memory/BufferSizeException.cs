using System.Globalization;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>A buffer that is larger than a device's driver allows; the message has the figures.</summary>
internal sealed class BufferSizeException(long wanted, long most) : OutOfMemoryException(
    string.Create(CultureInfo.InvariantCulture, $"a buffer of {Gibibytes(wanted):0.00} GiB is needed, its driver allows {Gibibytes(most):0.00} GiB"))
{
    private static double Gibibytes(long bytes) => bytes / (double)(1 << 30);
}
