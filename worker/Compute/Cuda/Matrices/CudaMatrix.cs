using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>A matrix on the device, all its planes in one piece of memory.</summary>
internal sealed class CudaMatrix : GpuMatrix
{
    private readonly DeviceMemoryHandle _memory;

    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public CudaMatrix(CudaContext context, WeightKernels kernels, int rows, int columns, bool hasBias) : base(kernels.Type, rows, columns)
    {
        Kernels = kernels;
        var (codes, high, scales, superScales) = PlaneBytes.Of(kernels.Type, rows, columns, Stride);
        var bias = hasBias ? (long)rows * sizeof(float) : 0;
        _memory = context.Allocate(Align(codes) + Align(high) + Align(scales) + Align(superScales) + bias);
        Codes = _memory.Address;
        High = Codes + (ulong)Align(codes);
        Scales = High + (ulong)Align(high);
        SuperScales = Scales + (ulong)Align(scales);
        Bias = hasBias ? SuperScales + (ulong)Align(superScales) : 0;
    }

    public WeightKernels Kernels { get; }

    /// <summary>The plane of codes, or the elements of a plain format.</summary>
    public ulong Codes { get; }

    public ulong High { get; }

    public ulong Scales { get; }

    public ulong SuperScales { get; }

    /// <summary>0: none.</summary>
    public ulong Bias { get; }

    public override long Bytes => _memory.Bytes;

    public override void Dispose() => _memory.Dispose();

    private static long Align(long bytes) => (bytes + 255) / 256 * 256;
}
