// A matrix of a format with codes, in planes (block_codes.cuh).
#include "block_codes.cuh"
#include "block_product.cuh"

#define MATRIX_PARAMETERS \
    const GLOBAL uint* codes, const GLOBAL uint* high, const GLOBAL SCALE* scales, const GLOBAL void* super_scales, const GLOBAL float* bias, int rows
#define MATRIX codes, high, scales, super_scales, bias, rows

DEVICE Block load_block(MATRIX_PARAMETERS, long block)
{
    Block b;
    for (int i = 0; i < CODE_WORDS / 4; i++) vstore4(vload4(block * (CODE_WORDS / 4) + i, codes), i, b.codes);
#ifdef HAS_HIGH_BITS
    for (int i = 0; i < HIGH_WORDS; i++) b.high[i] = high[block * HIGH_WORDS + i];
#endif
    b.scale = scales[block];
#ifdef SUPER_SCALE
    b.super_scale = ((const GLOBAL SUPER_SCALE*)super_scales)[block / 8];
#endif
    return b;
}

// Eight weights of a row, from `column` on.
DEVICE float8 load_eight(MATRIX_PARAMETERS, int stride, int row, int column)
{
    long block = (long)row * (stride / 32) + column / 32;
    int part = column / 8 % 4;
#if CODE_BITS == 8
    uint2 words = vload2(block * 4 + part, codes);
#else
    uint packed = codes[block * 4 + part];
#ifdef CODE_LEVELS
    uint2 words = (uint2)(levels_of(packed), levels_of(packed >> 16));
#else
    uint2 words = (uint2)(packed, packed >> 4) & 0x0f0f0f0f;
#endif
#if CODE_BITS == 5
    uint bits = high[block] >> 8 * part;
    words |= (((uint2)(bits, bits >> 4) & 15) * 0x00204081 & 0x01010101) << 4;
#elif CODE_BITS == 6
    uint bits = high[block * 2 + part / 2] >> 4 * (part & 1);
    words |= ((uint2)(bits, bits >> 2) & 0x03030303) << 4;
#endif
#endif
    uint super_scale = 0;
#ifdef SUPER_SCALE
    super_scale = ((const GLOBAL SUPER_SCALE*)super_scales)[block / 8];
#endif
    float2 scale = scale_of(scales[block], super_scale, part / 2);
    return convert_float8(as_char8(words)) * scale.x + scale.y;
}
