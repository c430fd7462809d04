using Cluster.Model.Formats;

namespace Cluster.Compute.Gpu;

/// <summary>Bytes of a matrix's planes on a GPU, as block_codes.cuh lays them out; of a plain format's rows, which are its only plane.</summary>
/// <param name="Codes">Codes, or the elements of a plain format.</param>
/// <param name="High">The fifth and sixth bits of codes.</param>
/// <param name="Scales">Scales of blocks.</param>
/// <param name="SuperScales">Scales that eight blocks share.</param>
internal readonly record struct PlaneBytes(long Codes, long High, long Scales, long SuperScales)
{
    /// <summary>Elements of a block.</summary>
    public const int BlockElements = 32;

    private const int SuperBlockElements = 256;

    /// <summary>Of all planes.</summary>
    public long Total => Codes + High + Scales + SuperScales;

    /// <param name="type">The matrix's format.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="stride">Elements from one row of a plain format to the next.</param>
    /// <exception cref="UnsupportedTensorTypeException">No GPU has matrices of this format.</exception>
    public static PlaneBytes Of(TensorType type, int rows, int columns, int stride)
    {
        var blocks = (long)rows * columns / BlockElements;
        var superBlocks = (long)rows * columns / SuperBlockElements;
        return type switch
        {
            TensorType.F32 => new((long)rows * stride * 4, 0, 0, 0),
            TensorType.F16 or TensorType.BF16 => new((long)rows * stride * 2, 0, 0, 0),
            TensorType.Q8_0 => new(blocks * 32, 0, blocks * 2, 0),
            TensorType.Q4_0 or TensorType.IQ4_NL => new(blocks * 16, 0, blocks * 2, 0),
            TensorType.Q4_1 => new(blocks * 16, 0, blocks * 4, 0),
            TensorType.Q5_0 => new(blocks * 16, blocks * 4, blocks * 2, 0),
            TensorType.Q5_1 => new(blocks * 16, blocks * 4, blocks * 4, 0),
            TensorType.Q4_K => new(blocks * 16, 0, blocks * 2, superBlocks * 4),
            TensorType.Q5_K => new(blocks * 16, blocks * 4, blocks * 2, superBlocks * 4),
            TensorType.Q6_K => new(blocks * 16, blocks * 8, blocks * 2, superBlocks * 2),
            _ => throw new UnsupportedTensorTypeException(type),
        };
    }
}
