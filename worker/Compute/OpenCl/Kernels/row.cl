// Reading rows of the cache. Included for keys and for values, with ROW(name) and ROW_TYPE set.
#include "row_layout.cl"

// x = scale·q + offset
DEVICE float2 ROW(scale)(const GLOBAL uchar* region, long block)
{
#ifdef ROW_MINIMUM
    const GLOBAL ushort* stored = (const GLOBAL ushort*)(region + ROW_SCALES) + 2 * block;
    return (float2)(half_to_float(stored[0]), half_to_float(stored[1]));
#elif ROW_SCALE_BYTES
    float scale = half_to_float(((const GLOBAL ushort*)(region + ROW_SCALES))[block]);
    return (float2)(scale, ROW_TYPE == TYPE_Q4_0 ? -8 * scale : ROW_TYPE == TYPE_Q5_0 ? -16 * scale : 0.0f);
#else
    return (float2)(1.0f, 0.0f);
#endif
}

// Elements 8·eight to 8·eight + 7.
DEVICE float8 ROW(load)(const GLOBAL uchar* region, int slot, int eight)
{
    long place = (long)slot * (HEAD_DIM / 8) + eight;
#if ROW_BITS == 32
    return vload8(place, (const GLOBAL float*)region);
#elif ROW_TYPE == TYPE_F16
    return vload_half8(place, (const GLOBAL half*)region);
#elif ROW_TYPE == TYPE_BF16
    return as_float8(convert_uint8(vload8(place, (const GLOBAL ushort*)region)) << 16);
#else
    long block = place / 4;
    int part = place % 4;
#if ROW_BITS == 8
    float8 q = convert_float8(vload8(place, (const GLOBAL char*)region));
#else
    // Byte i of a block has elements i and i + 16.
    uint2 words = vload2(block * 2 + part % 2, (const GLOBAL uint*)region) >> part / 2 * 4 & 0x0f0f0f0f;
#if ROW_BITS == 5
    uint bits = (region + ROW_HIGH)[place];
    words |= (((uint2)(bits, bits >> 4) & 15) * 0x00204081 & 0x01010101) << 4;
#endif
#if ROW_TYPE == TYPE_IQ4_NL
    float8 q = (float8)(
        level_of(words.x & 15), level_of(words.x >> 8 & 15), level_of(words.x >> 16 & 15), level_of(words.x >> 24),
        level_of(words.y & 15), level_of(words.y >> 8 & 15), level_of(words.y >> 16 & 15), level_of(words.y >> 24));
#else
    float8 q = convert_float8(as_uchar8(words));
#endif
#endif
    float2 scale = ROW(scale)(region, block);
    return q * scale.x + scale.y;
#endif
}

// Two elements of a row, as bytes hold them together: see ROW(element).
DEVICE float2 ROW(pair)(const GLOBAL uchar* region, int slot, int pair)
{
#if ROW_BITS == 32
    return vload2((long)slot * (HEAD_DIM / 2) + pair, (const GLOBAL float*)region);
#elif ROW_TYPE == TYPE_F16
    return vload_half2((long)slot * (HEAD_DIM / 2) + pair, (const GLOBAL half*)region);
#elif ROW_TYPE == TYPE_BF16
    return as_float2(convert_uint2(vload2((long)slot * (HEAD_DIM / 2) + pair, (const GLOBAL ushort*)region)) << 16);
#else
    long block = (long)slot * (HEAD_DIM / 32) + pair / 16;
    int place = pair % 16;
#if ROW_BITS == 8
    const GLOBAL char* codes = (const GLOBAL char*)region + block * 32 + place;
    float2 q = (float2)(codes[0], codes[16]);
#else
    uint both = region[block * 16 + place];
    uint2 codes = (uint2)(both & 15, both >> 4);
#if ROW_BITS == 5
    uint bits = ((const GLOBAL uint*)(region + ROW_HIGH))[block] >> place;
    codes |= (uint2)(bits & 1, bits >> 16 & 1) << 4;
#endif
#if ROW_TYPE == TYPE_IQ4_NL
    float2 q = (float2)(level_of(codes.x), level_of(codes.y));
#else
    float2 q = convert_float2(codes);
#endif
#endif
    float2 scale = ROW(scale)(region, block);
    return q * scale.x + scale.y;
#endif
}

// Which element a member of a pair is.
DEVICE int ROW(element)(int pair, int member) { return ROW_BITS > 8 ? 2 * pair + member : pair / 16 * 32 + pair % 16 + 16 * member; }

DEVICE const GLOBAL uchar* ROW(region)(const GLOBAL uchar* cache, int place) { return cache + (long)place * ROW_REGION; }

#include "row_end.cl"
