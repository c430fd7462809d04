using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>A matrix on the device: for block formats in planes (see block_codes.cuh), for plain ones in rows padded to whole eights.</summary>
internal sealed class OpenClMatrix : Matrix
{
    private readonly List<OpenClMemory> _memory = [];

    /// <exception cref="OutOfMemoryException">The device has no room for it.</exception>
    public OpenClMatrix(OpenClContext context, WeightKernels kernels, int rows, int columns, bool hasBias) : base(kernels.Type, rows, columns)
    {
        Kernels = kernels;
        Stride = (columns + 7) / 8 * 8;
        try
        {
            var (codes, high, scales, superScales) = PlaneBytes.Of(kernels.Type, rows, columns, Stride);
            Codes = Plane(codes)!;
            High = Plane(high);
            Scales = Plane(scales);
            SuperScales = Plane(superScales);
            Bias = hasBias ? Plane((long)rows * sizeof(float)) : null;
        }
        catch
        {
            Dispose();
            throw;
        }

        OpenClMemory? Plane(long bytes)
        {
            if (bytes == 0) return null;
            var memory = context.Allocate(bytes);
            _memory.Add(memory);
            return memory;
        }
    }

    public WeightKernels Kernels { get; }

    /// <summary>Elements of a row as kernels see it.</summary>
    public int Stride { get; }

    /// <summary>Blocks of 32 in a row of a block format.</summary>
    public int RowBlocks => Columns / PlaneBytes.BlockElements;

    /// <summary>The plane of codes, or the elements of a plain format.</summary>
    public OpenClMemory Codes { get; }

    public OpenClMemory? High { get; }

    public OpenClMemory? Scales { get; }

    public OpenClMemory? SuperScales { get; }

    public OpenClMemory? Bias { get; }

    /// <summary>As on the CPU, whose ranks may sum with this one's.</summary>
    public override int SumPlanes => Kernels.IsPlain ? 2 : 1;

    public override long Bytes => _memory.Sum(memory => memory.Bytes);

    public override void Dispose()
    {
        foreach (var memory in _memory) memory.Dispose();
    }
}
