namespace Cluster.Compute.Devices;

/// <summary>What a device does at most, as measured: the bounds that decoding and prefill are held against.</summary>
/// <param name="ReadBytesPerSecond">Bytes that all its compute threads together read of memory that no cache holds.</param>
/// <param name="MultiplyAddsPerSecond">
/// Products, each added to a sum, that they compute from registers and first-level cache, of what the device multiplies many tokens with: 8-bit
/// integers on the CPU, f16 on tensor cores with CUDA, f32 with OpenCL.
/// </param>
public readonly record struct DeviceLimits(double ReadBytesPerSecond, double MultiplyAddsPerSecond);
