// How keys or values of one head and one block of the cache stand: codes of all its tokens, then their fifth bits, then scales, so that
// lanes read neighbouring bytes. A group of eight elements is a word of nibbles (element k is nibble k), two words of signed bytes, or
// the elements themselves; a word of fifth bits is of 32 elements. Included for keys and for values, with ROW(name) and ROW_TYPE set.

#if ROW_TYPE == TYPE_Q8_0
#define ROW_BITS 8
#define ROW_BIAS 128
#elif ROW_TYPE == TYPE_Q5_1 || ROW_TYPE == TYPE_Q5_0
#define ROW_BITS 5
#define ROW_BIAS 16
#elif ROW_TYPE == TYPE_IQ4_NL
#define ROW_BITS 4
#define ROW_BIAS 128
#elif ROW_TYPE == TYPE_Q4_1 || ROW_TYPE == TYPE_Q4_0
#define ROW_BITS 4
#define ROW_BIAS 8
#elif ROW_TYPE == TYPE_F32
#define ROW_BITS 32
#else
#define ROW_BITS 16
#endif
#if ROW_TYPE == TYPE_Q5_1 || ROW_TYPE == TYPE_Q4_1
#define ROW_MINIMUM
#endif
#if ROW_BITS <= 8
#define ROW_SCALED
#endif

// Where each plane begins in a region of BLOCK_TOKENS rows.
#define ROW_CODE_BITS (ROW_BITS == 5 ? 4 : ROW_BITS)
#define ROW_HIGH (BLOCK_TOKENS * HEAD_DIM * ROW_CODE_BITS / 8)
#define ROW_SCALES (ROW_HIGH + (ROW_BITS == 5 ? BLOCK_TOKENS * HEAD_DIM / 8 : 0))

// Eight elements of a row as they are stored.
struct ROW(Raw)
{
    uint32 words[ROW_BITS == 5 ? 1 : ROW_BITS / 4];
#if ROW_BITS == 5
    uint32 high;
#endif
#ifdef ROW_SCALED
    uint32 scale; // f16, the minimum above it where there is one
#endif
};

DEVICE ROW(Raw) ROW(load)(const uint8* region, int slot, int eight)
{
    ROW(Raw) raw;
    long place = (long)slot * EIGHTS + eight;
#if ROW_BITS == 32
    uint4 low = ((const uint4*)region)[2 * place], high = ((const uint4*)region)[2 * place + 1];
    raw.words[0] = low.x, raw.words[1] = low.y, raw.words[2] = low.z, raw.words[3] = low.w;
    raw.words[4] = high.x, raw.words[5] = high.y, raw.words[6] = high.z, raw.words[7] = high.w;
#elif ROW_BITS == 16
    uint4 v = ((const uint4*)region)[place];
    raw.words[0] = v.x, raw.words[1] = v.y, raw.words[2] = v.z, raw.words[3] = v.w;
#elif ROW_BITS == 8
    uint2 v = ((const uint2*)region)[place];
    raw.words[0] = v.x, raw.words[1] = v.y;
#else
    raw.words[0] = ((const uint32*)region)[place];
#if ROW_BITS == 5
    raw.high = (region + ROW_HIGH)[place];
#endif
#endif
#ifdef ROW_MINIMUM
    raw.scale = ((const uint32*)(region + ROW_SCALES))[place / 4];
#elif defined(ROW_SCALED)
    raw.scale = ((const uint16*)(region + ROW_SCALES))[place / 4];
#endif
    return raw;
}

// 2^23 + byte k as a float: the byte below the exponent of 2^23.
DEVICE float ROW(byte_above)(uint32 bytes, int k) { return __uint_as_float(__byte_perm(bytes, 0x4b000000u, 0x7440 + k)); }

#if ROW_BITS <= 8
// The codes' bytes as levels above -ROW_BIAS, two words: element k is byte k % 4 of word k / 4, or, of nibbles, byte k / 2 of word k % 2.
DEVICE void ROW(bytes)(const ROW(Raw) raw, uint32* bytes)
{
#if ROW_TYPE == TYPE_Q8_0
    bytes[0] = raw.words[0] ^ 0x80808080u, bytes[1] = raw.words[1] ^ 0x80808080u;
#elif ROW_TYPE == TYPE_IQ4_NL
    bytes[0] = levels_of(raw.words[0]) ^ 0x80808080u, bytes[1] = levels_of(raw.words[0] >> 16) ^ 0x80808080u;
#else
    bytes[0] = raw.words[0] & 0x0f0f0f0f, bytes[1] = raw.words[0] >> 4 & 0x0f0f0f0f;
#if ROW_BITS == 5
    // Bits 0, 2, 4 and 6 to bit 4 of bytes 0 to 3.
    bytes[0] |= ((raw.high & 0x55) * 0x00041041u & 0x01010101u) << 4;
    bytes[1] |= ((raw.high >> 1 & 0x55) * 0x00041041u & 0x01010101u) << 4;
#endif
#endif
}
#endif

// The place of element k among what bytes gives, and among pairs.
#if ROW_BITS <= 5 && ROW_TYPE != TYPE_IQ4_NL
#define ROW_PLACE(k) ((k) % 2 * 4 + (k) / 2)
#else
#define ROW_PLACE(k) (k)
#endif

// The eight integers (or elements) of x = scale·q + minimum.
DEVICE void ROW(unpack)(const ROW(Raw) raw, float* q)
{
#if ROW_TYPE == TYPE_F32
#pragma unroll
    for (int k = 0; k < 8; k++) q[k] = __uint_as_float(raw.words[k]);
#elif ROW_TYPE == TYPE_F16
#pragma unroll
    for (int k = 0; k < 8; k++) q[k] = half_to_float((uint16)(raw.words[k / 2] >> k % 2 * 16));
#elif ROW_TYPE == TYPE_BF16
#pragma unroll
    for (int k = 0; k < 8; k++) q[k] = bfloat_to_float((uint16)(raw.words[k / 2] >> k % 2 * 16));
#else
    uint32 bytes[2];
    ROW(bytes)(raw, bytes);
#pragma unroll
    for (int k = 0; k < 8; k++) q[k] = ROW(byte_above)(bytes[ROW_PLACE(k) / 4], ROW_PLACE(k) % 4) - (8388608.0f + ROW_BIAS);
#endif
}

DEVICE float ROW(scale)(const ROW(Raw) raw)
{
#ifdef ROW_SCALED
    return half_to_float((uint16)raw.scale);
#else
    return 1.0f;
#endif
}

// Codes with a minimum are counted from it; ROW_BIAS of them is in the integers, so it is put back here.
DEVICE float ROW(minimum)(const ROW(Raw) raw)
{
#ifdef ROW_MINIMUM
    return half_to_float((uint16)(raw.scale >> 16)) + ROW_BIAS * half_to_float((uint16)raw.scale);
#else
    return 0.0f;
#endif
}

DEVICE int ROW(place)(int k) { return ROW_PLACE(k); }

#if ROW_BITS <= 8 || ROW_TYPE == TYPE_F16
// The same as f16, in the order of place, two to a word.
DEVICE void ROW(pairs)(const ROW(Raw) raw, uint32* q)
{
#if ROW_TYPE == TYPE_F16
#pragma unroll
    for (int i = 0; i < 4; i++) q[i] = raw.words[i];
#else
    uint32 bytes[2];
    ROW(bytes)(raw, bytes);
#pragma unroll
    for (int i = 0; i < 4; i++) q[i] = halves_of_bytes(bytes[i / 2], i % 2, ROW_BIAS);
#endif
}

// The elements x as f16, in the order of place, two to a word.
DEVICE void ROW(elements)(const ROW(Raw) raw, uint32* x)
{
    ROW(pairs)(raw, x);
#ifdef ROW_SCALED
    uint32 scales = __byte_perm(raw.scale, 0, 0x1010);
#ifdef ROW_MINIMUM
    uint32 minimums = floats_to_halves(ROW(minimum)(raw), ROW(minimum)(raw));
#pragma unroll
    for (int i = 0; i < 4; i++) x[i] = multiply_add_halves(x[i], scales, minimums);
#else
#pragma unroll
    for (int i = 0; i < 4; i++) x[i] = multiply_halves(x[i], scales);
#endif
#endif
}

// The elements x of two rows as f16, in the order of place, one of each row to a word.
DEVICE void ROW(pairs_of)(const ROW(Raw) a, const ROW(Raw) b, uint32* x)
{
#if ROW_TYPE == TYPE_F16
#pragma unroll
    for (int i = 0; i < 8; i++) x[i] = __byte_perm(a.words[i / 2], b.words[i / 2], i % 2 ? 0x7632 : 0x5410);
#else
    uint32 first[2], second[2];
    ROW(bytes)(a, first);
    ROW(bytes)(b, second);
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        uint32 mixed = __byte_perm(first[i / 2], second[i / 2], i % 2 ? 0x7362 : 0x5140);
        x[2 * i] = halves_of_bytes(mixed, 0, ROW_BIAS);
        x[2 * i + 1] = halves_of_bytes(mixed, 1, ROW_BIAS);
    }

    uint32 scales = __byte_perm(a.scale, b.scale, 0x5410);
#ifdef ROW_MINIMUM
    uint32 minimums = floats_to_halves(ROW(minimum)(a), ROW(minimum)(b));
#pragma unroll
    for (int i = 0; i < 8; i++) x[i] = multiply_add_halves(x[i], scales, minimums);
#else
#pragma unroll
    for (int i = 0; i < 8; i++) x[i] = multiply_halves(x[i], scales);
#endif
#endif
}
#endif

// Writes one block of 32 elements, a lane an element: its code, or its bits.
DEVICE void ROW(store)(uint8* region, int slot, int block, uint32 code, float scale, float minimum)
{
    long place = (long)slot * EIGHTS + block * 4; // of the block's first eight elements
    int lane = lane_id();
#if ROW_BITS == 32
    ((uint32*)region)[place * 8 + lane] = code;
#elif ROW_BITS == 16
    ((uint16*)region)[place * 8 + lane] = (uint16)code;
#elif ROW_BITS == 8
    (region + place * 8)[lane] = (uint8)code;
#else
    uint32 word = (code & 15) << (lane & 7) * 4;
#pragma unroll
    for (int mask = 4; mask > 0; mask /= 2) word |= __shfl_xor_sync(ALL_LANES, word, mask);
    if ((lane & 7) == 0) ((uint32*)region)[place + lane / 8] = word;
#if ROW_BITS == 5
    uint32 high = __ballot_sync(ALL_LANES, code >> 4 & 1);
    if (lane == 0) ((uint32*)(region + ROW_HIGH))[place / 4] = high;
#endif
#endif
#ifdef ROW_MINIMUM
    if (lane == 0) ((uint32*)(region + ROW_SCALES))[place / 4] = floats_to_halves(scale, minimum);
#elif defined(ROW_SCALED)
    if (lane == 0) ((uint16*)(region + ROW_SCALES))[place / 4] = float_to_half(scale);
#endif
}

// Between a region and rows in file format: a lane an element of 32, or an element each of plain types.
DEVICE void ROW(to_file)(const uint8* region, int slot, int block, uint8* file)
{
    long place = (long)slot * EIGHTS + block * 4;
    int lane = lane_id();
#if ROW_BITS == 32
    ((uint32*)file)[block * 32 + lane] = ((const uint32*)region)[place * 8 + lane];
#elif ROW_BITS == 16
    ((uint16*)file)[block * 32 + lane] = ((const uint16*)region)[place * 8 + lane];
#else
#ifdef ROW_MINIMUM
    const int header = 4;
#else
    const int header = 2;
#endif
    file += block * (header + 4 * ROW_BITS);
    if (lane < header) file[lane] = (region + ROW_SCALES)[place / 4 * header + lane];
#if ROW_BITS == 8
    file[header + lane] = (region + place * 8)[lane];
#else
#if ROW_BITS == 5
    if (lane < 4) file[header + lane] = (region + ROW_HIGH)[place + lane];
    file += 4;
#endif
    uint32 code = ((const uint32*)region)[place + lane / 8] >> (lane & 7) * 4 & 15;
    uint32 upper = __shfl_xor_sync(ALL_LANES, code, 16);
    if (lane < 16) file[header + lane] = (uint8)(code | upper << 4);
#endif
#endif
}

DEVICE void ROW(from_file)(uint8* region, int slot, int block, const uint8* file)
{
    long place = (long)slot * EIGHTS + block * 4;
    int lane = lane_id();
#if ROW_BITS == 32
    ((uint32*)region)[place * 8 + lane] = ((const uint32*)file)[block * 32 + lane];
#elif ROW_BITS == 16
    ((uint16*)region)[place * 8 + lane] = ((const uint16*)file)[block * 32 + lane];
#else
#ifdef ROW_MINIMUM
    const int header = 4;
#else
    const int header = 2;
#endif
    file += block * (header + 4 * ROW_BITS);
    if (lane < header) (region + ROW_SCALES)[place / 4 * header + lane] = file[lane];
#if ROW_BITS == 8
    (region + place * 8)[lane] = file[header + lane];
#else
#if ROW_BITS == 5
    if (lane < 4) (region + ROW_HIGH)[place + lane] = file[header + lane];
    file += 4;
#endif
    uint32 word = (uint32)(file[header + (lane & 15)] >> lane / 16 * 4 & 15) << (lane & 7) * 4;
#pragma unroll
    for (int mask = 4; mask > 0; mask /= 2) word |= __shfl_xor_sync(ALL_LANES, word, mask);
    if ((lane & 7) == 0) ((uint32*)region)[place + lane / 8] = word;
#endif
#endif
}

#undef ROW_BITS
#undef ROW_BIAS
#undef ROW_PLACE
#undef ROW_MINIMUM
#undef ROW_SCALED
#undef ROW_CODE_BITS
#undef ROW_HIGH
#undef ROW_SCALES
