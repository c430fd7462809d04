using Cluster.Compute.Gpu;

namespace Cluster.Compute.OpenCl.Interop;

/// <summary>A call of OpenCL that failed; the message names it.</summary>
internal sealed class OpenClException(string message) : DriverException(message);
