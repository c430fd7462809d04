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

typedef struct
{
    uint32 codes[CODE_WORDS];
#ifdef HAS_HIGH_BITS
    uint32 high[HIGH_WORDS];
#endif
    SCALE scale;
#ifdef SUPER_SCALE
    SUPER_SCALE super_scale;
#endif
} Block;

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
DEVICE float2 scale_of(SCALE scale, uint32 super_scale, int part)
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
    float d = half_to_float((uint16)super_scale) * (signed char)(scale >> 8 * part);
    return make_float2(d, -CODE_BIAS * d);
#endif
}
