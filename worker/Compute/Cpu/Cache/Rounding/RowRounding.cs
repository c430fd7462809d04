using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>
/// Makes blocks of a head's row with as little error as the type allows: scales by least squares, then, for values, codes that keep the
/// error small where the model's output looks (<see cref="OutputWeights"/>).
/// </summary>
internal static unsafe class RowRounding<TCodes, TLevels, TBits>
    where TCodes : struct, ICodeFormat
    where TLevels : struct, ILevels
    where TBits : struct, ICodeBits
{
    private static readonly int s_blockBytes = TensorTraits.Get(TCodes.Type).BlockBytes;

    /// <param name="x">Rows, one after the other.</param>
    /// <param name="rows">How many.</param>
    /// <param name="length">Elements of one.</param>
    /// <param name="blocks">Receives their blocks.</param>
    /// <param name="weights">What errors cost, where that is known.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* x, int rows, int length, byte* blocks, OutputWeights? weights)
    {
        var count = rows * length / ICodeFormat.BlockSize;
        var scales = stackalloc BlockScale[count];
        var codes = stackalloc byte[rows * length];
        for (var block = 0; block < count; block++)
        {
            var start = x + block * ICodeFormat.BlockSize;
            scales[block] = TCodes.HasMinimum ? MinimumFit<TLevels>.Fit(start) : ScaleFit<TLevels>.Fit(start);
        }

        if (weights is null) RoundEach(x, scales, codes, rows * length);
        else weights.Round<TLevels>(x, rows, scales, codes);
        for (var block = 0; block < count; block++) Pack(scales[block], codes + block * ICodeFormat.BlockSize, blocks + block * s_blockBytes);
    }

    private static void RoundEach(float* x, BlockScale* scales, byte* codes, int length)
    {
        for (var i = 0; i < length; i++)
        {
            var scale = scales[i / ICodeFormat.BlockSize];
            codes[i] = (byte)TLevels.NearestCode((x[i] - scale.Offset) * scale.Inverse);
        }
    }

    private static void Pack(BlockScale scale, byte* codes, byte* block)
    {
        ((Half*)block)[0] = (Half)scale.Scale;
        if (TCodes.HasMinimum) ((Half*)block)[1] = (Half)(scale.Offset + TLevels.First * scale.Scale);
        TBits.Pack(codes, block + (TCodes.HasMinimum ? 2 : 1) * sizeof(Half));
    }
}
