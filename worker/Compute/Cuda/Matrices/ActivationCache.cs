using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>
/// The quantized form of one buffer's rows, which the operation that writes the buffer makes on the way where it can, so that products
/// find it there.
/// </summary>
internal sealed class ActivationCache(CudaContext context) : IDisposable
{
    /// <summary>Columns of a block of activations.</summary>
    public const int BlockColumns = 32;

    private readonly ScratchMemory _memory = new(context);
    private readonly CudaKernel _quantize = context.Load(new KernelProgram().Include("elementwise.cu")).Kernel("quantize");
    private CudaBuffer? _buffer;
    private int _columns;
    private int _rows;
    private QuantizedRows _quantized;

    /// <summary>Bytes of the quantized form of so many elements, in whole blocks: codes, and a scale and a sum for each block.</summary>
    public static long BytesOf(long elements) => elements + elements / BlockColumns * 2 * sizeof(float);

    /// <summary>Memory for the quantized form of rows that the caller is about to write, both at once.</summary>
    public QuantizedRows Prepare(CudaBuffer buffer, int columns, int rows)
    {
        var codes = (long)columns * rows;
        var address = _memory.Reserve(BytesOf(codes));
        (_buffer, _columns, _rows) = (buffer, columns, rows);
        return _quantized = new QuantizedRows(address, address + (ulong)codes);
    }

    /// <summary>The quantized form of a buffer's rows, if it is there.</summary>
    public QuantizedRows? Find(CudaBuffer buffer, int columns, int rows) =>
        _buffer == buffer && _columns == columns && _rows >= rows ? _quantized : null;

    /// <summary>The quantized form of a buffer's rows, made now if need be.</summary>
    public QuantizedRows Get(CudaBuffer buffer, int columns, int rows)
    {
        if (Find(buffer, columns, rows) is { } known) return known;
        var quantized = Prepare(buffer, columns, rows);
        var fours = (long)columns * rows / 4;
        _quantize.LaunchItems(fours, new KernelArguments { buffer.Address, fours, quantized }, context.Timer.Work(4 * fours * sizeof(float) + BytesOf(4 * fours)));
        return quantized;
    }

    /// <summary>The buffer is written to.</summary>
    public void Forget(CudaBuffer buffer)
    {
        if (_buffer == buffer) _buffer = null;
    }

    public void Dispose() => _memory.Dispose();
}
