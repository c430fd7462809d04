using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A call of NVIDIA's driver or libraries that failed; the message names it.</summary>
internal sealed class CudaException(string message) : DriverException(message);
