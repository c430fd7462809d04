// A block of 32 weights of a format with codes, as it is laid out on the device: codes, the fifth and sixth bits of codes, scales, and
// the scales that eight blocks share, each in a plane of its own, so that neighbouring lanes read neighbouring bytes.
//
// A word of four-bit codes holds eight elements: element k in the low nibble of byte k, k + 4 in the high one; with levels, nibble k.
// The fifth bits of a block are one word, bit i of element i. The fifth and sixth are two: bits 2w of byte b are of element 4w + b of
// sixteen. Eight-bit codes are signed bytes.
#include "levels.cuh"

#if CODE_BITS == 8
#define CODE_WORDS 8
#else
#define CODE_WORDS 4
#endif
#define HIGH_WORDS (CODE_BITS - 4) // of five and six bits
#if CODE_BITS == 5 || CODE_BITS == 6
#define HAS_HIGH_BITS
#endif
#if SCALE_KIND == SCALE_PLAIN
#define SCALE uint16
#elif SCALE_KIND == SCALE_MINIMUM
#define SCALE uint32
#else
#define SCALE uint16
#endif
#if SCALE_KIND == SCALE_SUPER_MINIMUM
#define SUPER_SCALE uint32
#elif SCALE_KIND == SCALE_SUPER_HALVES
#define SUPER_SCALE uint16
#endif

struct MatrixPlanes
{
    const uint4* codes;
    const uint32* high;
    const SCALE* scales;
    const void* super_scales;
    const float* bias;  // null: none
    int rows;
    int first_output;   // where in an output row the matrix's part begins
};

struct Block
{
    uint32 codes[CODE_WORDS];
#ifdef HAS_HIGH_BITS
    uint32 high[HIGH_WORDS];
#endif
    SCALE scale;
#ifdef SUPER_SCALE
    SUPER_SCALE super_scale;
#endif
};

DEVICE uint4 load_once(const uint4* address)
{
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(address));
    return v;
}

DEVICE Block load_block(const MatrixPlanes m, long block)
{
    Block b;
#pragma unroll
    for (int i = 0; i < CODE_WORDS / 4; i++)
    {
        uint4 v = load_once(m.codes + block * (CODE_WORDS / 4) + i);
        b.codes[4 * i] = v.x;
        b.codes[4 * i + 1] = v.y;
        b.codes[4 * i + 2] = v.z;
        b.codes[4 * i + 3] = v.w;
    }
#ifdef HAS_HIGH_BITS
#pragma unroll
    for (int i = 0; i < HIGH_WORDS; i++) b.high[i] = m.high[block * HIGH_WORDS + i];
#endif
    b.scale = m.scales[block];
#ifdef SUPER_SCALE
    b.super_scale = ((const SUPER_SCALE*)m.super_scales)[block / 8];
#endif
    return b;
}

// The codes (or levels) of elements 4·w to 4·w + 3, a signed byte each.
DEVICE int codes_of(const uint32* codes, const uint32* high, int w)
{
#if CODE_BITS == 8
    return codes[w];
#elif defined(CODE_LEVELS)
    return levels_of(codes[w / 2] >> (w & 1) * 16);
#else
    uint32 q = codes[w / 2] >> (w & 1) * 4 & 0x0f0f0f0f;
#if CODE_BITS == 5
    q |= ((high[0] >> 4 * w & 15) * 0x00204081 & 0x01010101) << 4;
#elif CODE_BITS == 6
    q |= (high[w / 4] >> 2 * (w & 3) & 0x03030303) << 4;
#endif
    return q;
#endif
}

// What half a block's codes are multiplied with, and what is added: x = scale·q + minimum.
DEVICE float2 scale_of(SCALE scale, uint32 super_scale, int half)
{
#if SCALE_KIND == SCALE_PLAIN
    float d = half_to_float(scale);
    return make_float2(d, -CODE_BIAS * d);
#elif SCALE_KIND == SCALE_MINIMUM
    return make_float2(half_to_float((uint16)scale), half_to_float((uint16)(scale >> 16)));
#elif SCALE_KIND == SCALE_SUPER_MINIMUM
    float d = half_to_float((uint16)super_scale), minimum = half_to_float((uint16)(super_scale >> 16));
    return make_float2(d * (scale & 255), -minimum * (scale >> 8));
#else
    float d = half_to_float((uint16)super_scale) * (signed char)(scale >> 8 * half);
    return make_float2(d, -CODE_BIAS * d);
#endif
}
