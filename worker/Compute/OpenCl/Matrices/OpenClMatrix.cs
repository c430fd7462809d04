using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Model.Formats;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>A matrix on the device: for block formats in planes (see block_codes.cuh), for plain ones in rows padded to whole eights.</summary>
internal sealed class OpenClMatrix : Matrix
{
    private const int BlockElements = 32;
    private const int SuperBlockElements = 256;

    private readonly List<OpenClMemory> _memory = [];

    /// <exception cref="OutOfMemoryException">The device has no room for it.</exception>
    public OpenClMatrix(OpenClContext context, WeightKernels kernels, int rows, int columns, bool hasBias) : base(kernels.Type, rows, columns)
    {
        Kernels = kernels;
        Stride = (columns + 7) / 8 * 8;
        try
        {
            var (codes, high, scales, superScales) = PlaneBytes(kernels.Type, rows, columns, Stride);
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
    public int RowBlocks => Columns / BlockElements;

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

    private static (long Codes, long High, long Scales, long SuperScales) PlaneBytes(TensorType type, int rows, int columns, int stride)
    {
        var blocks = (long)rows * columns / BlockElements;
        var superBlocks = (long)rows * columns / SuperBlockElements;
        return type switch
        {
            TensorType.F32 => ((long)rows * stride * 4, 0, 0, 0),
            TensorType.F16 or TensorType.BF16 => ((long)rows * stride * 2, 0, 0, 0),
            TensorType.Q8_0 => (blocks * 32, 0, blocks * 2, 0),
            TensorType.Q4_0 or TensorType.IQ4_NL => (blocks * 16, 0, blocks * 2, 0),
            TensorType.Q4_1 => (blocks * 16, 0, blocks * 4, 0),
            TensorType.Q5_0 => (blocks * 16, blocks * 4, blocks * 2, 0),
            TensorType.Q5_1 => (blocks * 16, blocks * 4, blocks * 4, 0),
            TensorType.Q4_K => (blocks * 16, 0, blocks * 2, superBlocks * 4),
            TensorType.Q5_K => (blocks * 16, blocks * 4, blocks * 2, superBlocks * 4),
            TensorType.Q6_K => (blocks * 16, blocks * 8, blocks * 2, superBlocks * 2),
            _ => throw new UnsupportedTensorTypeException(type),
        };
    }
}
