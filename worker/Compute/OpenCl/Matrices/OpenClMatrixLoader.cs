using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Model.Formats;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>Reads matrices from their tensors, some rows at a time, and has the device lay them out.</summary>
internal sealed unsafe class OpenClMatrixLoader(OpenClContext context) : IDisposable
{
    /// <summary>Bytes on their way at once.</summary>
    private const int StagingBytes = 8 << 20;

    private readonly ScratchMemory _staging = new(context);
    private byte[] _host = [];

    /// <exception cref="ArgumentException">A cut that is not one of whole blocks, or lies outside the tensor's columns.</exception>
    /// <exception cref="OutOfMemoryException">The device has no room for it.</exception>
    public OpenClMatrix Load(MatrixSource source, WeightKernels kernels) => MatrixLoading.Load(
        source, () => new OpenClMatrix(context, kernels, source.Rows, source.Columns, !source.Bias.IsEmpty),
        matrix => Fill(matrix, new SourceRows(source), source.Bias.Span));

    /// <summary>Frees what is only needed between loads that follow each other.</summary>
    public void Release()
    {
        _staging.Dispose();
        _host = [];
    }

    public void Dispose() => _staging.Dispose();

    private void Fill(OpenClMatrix matrix, SourceRows source, ReadOnlySpan<float> bias)
    {
        // Rows of plain formats are padded here; the others have no padding.
        var isPlain = matrix.Kernels.IsPlain;
        var rowBytes = checked((int)source.RowBytes);
        var pitch = isPlain ? matrix.Stride * TensorTraits.Get(matrix.Type).BlockBytes : rowBytes;
        var rowsAtOnce = Math.Clamp(StagingBytes / pitch, 1, matrix.Rows);
        if (_host.Length < rowsAtOnce * pitch) _host = new byte[Math.Max(StagingBytes, rowsAtOnce * pitch)];
        for (var row = 0; row < matrix.Rows; row += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, matrix.Rows - row);
            var chunk = _host.AsSpan(0, rows * pitch);
            if (pitch != rowBytes) chunk.Clear();
            fixed (byte* target = chunk) source.Read(row, rows, target, pitch);
            if (isPlain) context.Upload<byte>(chunk, matrix.Codes, (long)row * pitch);
            else Repack(matrix, _staging.Upload<byte>(chunk), row, rows);
        }

        if (matrix.Bias is { } memory) context.Upload(bias, memory);
    }

    private static void Repack(OpenClMatrix matrix, OpenClMemory file, int firstRow, int rows)
    {
        var blocks = (long)rows * matrix.RowBlocks;
        matrix.Kernels.Repack!.RunItems(
            blocks,
            new OpenClArguments { file, blocks, (long)firstRow * matrix.RowBlocks, matrix.Codes, matrix.High, matrix.Scales, matrix.SuperScales });
    }
}
