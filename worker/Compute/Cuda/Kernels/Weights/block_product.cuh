// A block of 32 weights times a block of quantized activations.

DEVICE float block_product(const Block b, const int* activations, float2 activation_scale)
{
#ifdef SUPER_SCALE
    uint32 super_scale = b.super_scale;
#else
    uint32 super_scale = 0;
#endif
#ifdef HAS_HIGH_BITS
    const uint32* high = b.high;
#else
    const uint32* high = 0;
#endif
#if SCALE_KIND == SCALE_SUPER_HALVES
    float sum = 0;
#pragma unroll
    for (int part = 0; part < 2; part++)
    {
        int product = 0, codes = 0;
#pragma unroll
        for (int w = 4 * part; w < 4 * part + 4; w++)
        {
            product = dot_four(codes_of(b.codes, high, w), activations[w], product);
            codes = dot_four(0x01010101, activations[w], codes);
        }

        sum += scale_of(b.scale, super_scale, part).x * (float)(product - CODE_BIAS * codes);
    }

    return sum * activation_scale.x;
#else
    int product = 0;
#if CODE_BITS == 4 && !defined(CODE_LEVELS)
    // High nibbles stay where they are: sixteen times as much.
    int sixteenfold = 0;
#pragma unroll
    for (int w = 0; w < 4; w++)
    {
        product = dot_four(b.codes[w] & 0x0f0f0f0f, activations[2 * w], product);
        sixteenfold = dot_four_unsigned(b.codes[w] & 0xf0f0f0f0, activations[2 * w + 1], sixteenfold);
    }

    product += sixteenfold >> 4;
#else
#pragma unroll
    for (int w = 0; w < 8; w++) product = dot_four(codes_of(b.codes, high, w), activations[w], product);
#endif
    float2 scale = scale_of(b.scale, super_scale, 0);
#if SCALE_KIND == SCALE_PLAIN
    return scale.x * activation_scale.x * ((float)product - CODE_BIAS * activation_scale.y);
#else
    return activation_scale.x * (scale.x * (float)product + scale.y * activation_scale.y);
#endif
#endif
}
