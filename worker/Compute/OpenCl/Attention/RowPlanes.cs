using Cluster.Model.Formats;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>
/// How a block of a type in file format is cut up for the cache (row_layout.cl): it begins with its scales, then come fifth bits, then codes.
/// Plain types are codes only.
/// </summary>
/// <param name="ScaleBytes">Bytes of a block's scales.</param>
/// <param name="HighBytes">Bytes of its fifth bits.</param>
/// <param name="CodeBytes">Bytes of its codes.</param>
internal readonly record struct RowPlanes(int ScaleBytes, int HighBytes, int CodeBytes)
{
    private const int Elements = 32;

    public static RowPlanes Of(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        if (!trait.IsQuantized) return new RowPlanes(0, 0, Elements * trait.BlockBytes);
        var codes = type == TensorType.Q8_0 ? Elements : Elements / 2;
        var high = type is TensorType.Q5_0 or TensorType.Q5_1 ? Elements / 8 : 0;
        return new RowPlanes(trait.BlockBytes - codes - high, high, codes);
    }

    /// <summary>Where the planes of rows begin behind each other in a region of so many blocks.</summary>
    public (int Codes, int High, int Scales) Starts(int regionBlocks) => (0, regionBlocks * CodeBytes, regionBlocks * (CodeBytes + HighBytes));

    /// <summary>From planes, of as many blocks as there are codes, to blocks.</summary>
    public void Join(ReadOnlySpan<byte> codes, ReadOnlySpan<byte> high, ReadOnlySpan<byte> scales, Span<byte> blocks)
    {
        for (; blocks.Length > 0; blocks = blocks[(ScaleBytes + HighBytes + CodeBytes)..])
        {
            scales[..ScaleBytes].CopyTo(blocks);
            high[..HighBytes].CopyTo(blocks[ScaleBytes..]);
            codes[..CodeBytes].CopyTo(blocks[(ScaleBytes + HighBytes)..]);
            codes = codes[CodeBytes..];
            high = high[HighBytes..];
            scales = scales[ScaleBytes..];
        }
    }

    /// <summary>From blocks to planes.</summary>
    public void Split(ReadOnlySpan<byte> blocks, Span<byte> codes, Span<byte> high, Span<byte> scales)
    {
        for (; blocks.Length > 0; blocks = blocks[(ScaleBytes + HighBytes + CodeBytes)..])
        {
            blocks[..ScaleBytes].CopyTo(scales);
            blocks.Slice(ScaleBytes, HighBytes).CopyTo(high);
            blocks.Slice(ScaleBytes + HighBytes, CodeBytes).CopyTo(codes);
            codes = codes[CodeBytes..];
            high = high[HighBytes..];
            scales = scales[ScaleBytes..];
        }
    }
}
