using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>A matrix on the device, each plane in memory of its own.</summary>
internal sealed class OpenClMatrix : GpuMatrix
{
    private readonly List<OpenClMemory> _memory = [];

    /// <exception cref="OutOfMemoryException">The device has no room for it.</exception>
    public OpenClMatrix(OpenClContext context, WeightKernels kernels, int rows, int columns, bool hasBias) : base(kernels.Type, rows, columns)
    {
        Kernels = kernels;
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

    /// <summary>The plane of codes, or the elements of a plain format.</summary>
    public OpenClMemory Codes { get; }

    public OpenClMemory? High { get; }

    public OpenClMemory? Scales { get; }

    public OpenClMemory? SuperScales { get; }

    public OpenClMemory? Bias { get; }

    public override long Bytes => _memory.Sum(memory => memory.Bytes);

    public override void Dispose()
    {
        foreach (var memory in _memory) memory.Dispose();
    }
}
