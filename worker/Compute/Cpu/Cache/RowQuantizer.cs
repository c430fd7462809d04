using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>The one place where rows become what the cache keeps of them: blocks in file format.</summary>
internal static class RowQuantizer
{
    /// <summary>Whether a type's codes are few enough to be worth choosing with care.</summary>
    public static bool Rounds(TensorType type) =>
        type is TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q5_0 or TensorType.Q5_1 or TensorType.IQ4_NL;

    /// <param name="trait">What the cache keeps.</param>
    /// <param name="rows">Some heads' keys or values, one after the other.</param>
    /// <param name="count">How many.</param>
    /// <param name="blocks">Receives the blocks.</param>
    /// <param name="weights">What errors cost, where that is known.</param>
    public static unsafe void Quantize(TensorTrait trait, ReadOnlySpan<float> rows, int count, Span<byte> blocks, OutputWeights? weights)
    {
        var length = rows.Length / count;
        fixed (float* x = rows)
        fixed (byte* target = blocks)
        {
            switch (trait.Type)
            {
                case TensorType.Q4_0:
                    RowRounding<Q4_0Codes, SignedIntegers<FourBits>, FourBits>.Quantize(x, count, length, target, weights);
                    break;
                case TensorType.Q4_1:
                    RowRounding<Q4_1Codes, SignedIntegers<FourBits>, FourBits>.Quantize(x, count, length, target, weights);
                    break;
                case TensorType.Q5_0:
                    RowRounding<Q5_0Codes, SignedIntegers<FiveBits>, FiveBits>.Quantize(x, count, length, target, weights);
                    break;
                case TensorType.Q5_1:
                    RowRounding<Q5_1Codes, SignedIntegers<FiveBits>, FiveBits>.Quantize(x, count, length, target, weights);
                    break;
                case TensorType.IQ4_NL:
                    RowRounding<IQ4_NLCodes, NonLinearLevels, FourBits>.Quantize(x, count, length, target, weights);
                    break;
                case TensorType.Q8_0:
                    Q8_0Quantizer.Quantize(rows, blocks);
                    break;
                default:
                    trait.Quantize(rows, blocks);
                    break;
            }
        }
    }

    /// <summary>The same for one row.</summary>
    public static void Quantize(TensorTrait trait, ReadOnlySpan<float> row, Span<byte> blocks, OutputWeights? weights) =>
        Quantize(trait, row, 1, blocks, weights);
}
