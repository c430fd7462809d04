using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>A matrix on the device: for block formats in planes (see block.cuh), for plain ones in rows padded to whole eights.</summary>
internal sealed class CudaMatrix : Matrix
{
    private readonly DeviceMemoryHandle _memory;

    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public CudaMatrix(CudaContext context, WeightKernels kernels, int rows, int columns, bool hasBias) : base(kernels.Type, rows, columns)
    {
        Kernels = kernels;
        Stride = (columns + 7) / 8 * 8;
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

    /// <summary>Elements of a padded row of a plain format.</summary>
    public int Stride { get; }

    /// <summary>Blocks of 32 in a row of a block format.</summary>
    public int RowBlocks => Columns / PlaneBytes.BlockElements;

    /// <summary>The plane of codes, or the elements of a plain format.</summary>
    public ulong Codes { get; }

    public ulong High { get; }

    public ulong Scales { get; }

    public ulong SuperScales { get; }

    /// <summary>0: none.</summary>
    public ulong Bias { get; }

    /// <summary>As on the CPU, whose ranks may sum with this one's.</summary>
    public override int SumPlanes => Kernels.IsPlain ? 2 : 1;

    public override long Bytes => _memory.Bytes;

    public override void Dispose() => _memory.Dispose();

    private static long Align(long bytes) => (bytes + 255) / 256 * 256;
}
