namespace Cluster.Model.Formats;

/// <summary>
/// 32 elements: f16 scale d, 16 bytes of 4-bit codes (nibbles as in Q4_0); x = d·<see cref="IQ4_NLLevels"/>[q].
/// </summary>
internal sealed class IQ4_NLCodec : BlockCodec
{
    private const int Codes = 2;

    // Scales tried on each side of the one that maps the largest magnitude to level -127; more gain nothing measurable.
    private const int SearchSteps = 7;

    public override int BlockSize => 32;

    public override int BlockBytes => 18;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        for (int j = 0; j < 16; j++)
        {
            byte pair = block[Codes + j];
            values[j] = scale * IQ4_NLLevels.All[pair & 15];
            values[j + 16] = scale * IQ4_NLLevels.All[pair >> 4];
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = BestScale(values);
        Scalar.WriteHalf(block, 0, scale);
        float inverse = Scalar.Reciprocal(Scalar.ReadHalf(block, 0));
        for (int j = 0; j < 16; j++)
        {
            int low = NearestLevel(values[j] * inverse);
            int high = NearestLevel(values[j + 16] * inverse);
            block[Codes + j] = (byte)(low | (high << 4));
        }
    }

    // For codes fixed by a trial scale, the best scale is the weighted least-squares one: Σw·x·l / Σw·l². With that scale the
    // error is Σw·x² - (Σw·x·l)² / Σw·l², so the trial with the largest quotient wins. Weights x² favour large elements.
    private static float BestScale(ReadOnlySpan<float> values)
    {
        float largest = Scalar.LargestMagnitude(values);
        float best = largest / IQ4_NLLevels.All[0];
        if (best == 0)
            return 0;
        float bestGain = float.NegativeInfinity;
        for (int step = -SearchSteps; step <= SearchSteps; step++)
        {
            float inverse = (IQ4_NLLevels.All[0] + step) / largest;
            float cross = 0, square = 0;
            foreach (float value in values)
            {
                float level = IQ4_NLLevels.All[NearestLevel(value * inverse)];
                float weight = value * value;
                cross += weight * value * level;
                square += weight * level * level;
            }
            if (square > 0 && cross * cross / square is float gain && gain > bestGain)
                (bestGain, best) = (gain, cross / square);
        }
        return best;
    }

    private static int NearestLevel(float value)
    {
        int low = 0, high = 15;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (value < IQ4_NLLevels.All[middle])
                high = middle;
            else
                low = middle;
        }
        return value - IQ4_NLLevels.All[low] < IQ4_NLLevels.All[high] - value ? low : high;
    }
}
