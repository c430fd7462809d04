using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>Reads matrices from their tensors, some rows at a time, and has the device lay them out.</summary>
internal sealed unsafe class CudaMatrixLoader(CudaContext context) : IDisposable
{
    /// <summary>Bytes on their way at once, in each of two halves: while one is copied to the device the other is read.</summary>
    private const long HalfBytes = 8 << 20;

    private PinnedMemoryHandle? _host;
    private DeviceMemoryHandle? _staging;

    /// <exception cref="ArgumentException">A cut that is not one of whole blocks, or lies outside the tensor's columns.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public CudaMatrix Load(MatrixSource source, WeightKernels kernels) => MatrixLoading.Load(
        source, () => new CudaMatrix(context, kernels, source.Rows, source.Columns, !source.Bias.IsEmpty),
        matrix => Fill(matrix, new SourceRows(source), source.Bias.Span));

    /// <summary>Frees what is only needed between loads that follow each other.</summary>
    public void Release()
    {
        if (_host is null) return;
        context.Synchronize();
        _host.Dispose();
        _staging?.Dispose();
        (_host, _staging) = (null, null);
    }

    public void Dispose()
    {
        _host?.Dispose();
        _staging?.Dispose();
    }

    private void Fill(CudaMatrix matrix, SourceRows source, ReadOnlySpan<float> bias)
    {
        var rowBytes = source.RowBytes;
        var rowsAtOnce = (int)Math.Clamp(HalfBytes / rowBytes, 1, matrix.Rows);
        Reserve(Math.Max(HalfBytes, rowsAtOnce * rowBytes));
        var half = 0;
        for (var row = 0; row < matrix.Rows; row += rowsAtOnce, half = 1 - half)
        {
            var rows = Math.Min(rowsAtOnce, matrix.Rows - row);
            var offset = half * (_host!.Bytes / 2);

            // The other half may still be on its way; this one was waited for when that one was begun.
            source.Read(row, rows, _host.Pointer + offset);
            context.Synchronize();
            context.Upload(_host.Pointer + offset, _staging!.Address + (ulong)offset, rows * rowBytes);
            Repack(matrix, _staging.Address + (ulong)offset, row, rows);
        }

        if (!bias.IsEmpty)
        {
            context.Synchronize();
            fixed (float* values = bias) context.Upload(values, matrix.Bias, (long)bias.Length * sizeof(float));
        }

        context.Synchronize();
    }

    private static void Repack(CudaMatrix matrix, ulong file, int firstRow, int rows)
    {
        if (matrix.Kernels.IsPlain)
        {
            var elementBytes = TensorTraits.Get(matrix.Type).BlockBytes;
            var target = matrix.Codes + (ulong)((long)firstRow * matrix.Stride * elementBytes);
            matrix.Kernels.Repack.LaunchItems(
                (long)rows * matrix.Stride, new KernelArguments { file, matrix.Columns, (long)rows, matrix.Stride, target });
            return;
        }

        var blocks = (long)rows * matrix.RowBlocks;
        matrix.Kernels.Repack.LaunchItems(
            blocks,
            new KernelArguments { file, blocks, (long)firstRow * matrix.RowBlocks, matrix.Codes, matrix.High, matrix.Scales, matrix.SuperScales });
    }

    private void Reserve(long halfBytes)
    {
        if (_host is not null && _host.Bytes >= 2 * halfBytes) return;
        Release();
        _host = context.AllocatePinned(2 * halfBytes);
        _staging = context.Allocate(2 * halfBytes);
    }
}
