// Weights as f16, for products of many tokens on tensor cores. A thread takes eight elements.

KERNEL dequantize(const MatrixPlanes m, long first_block, long eights, uint4* output)
{
    let_next_start();
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i >= eights) return;
    long block = first_block + i / 4;
    int part = i % 4;
    float x[8];
#if CODE_BITS == 8
    uint2 packed = ((const uint2*)m.codes)[block * 4 + part];
    uint32 words[2] = { packed.x, packed.y };
#else
    uint32 packed = ((const uint32*)m.codes)[block * 4 + part];
#ifdef CODE_LEVELS
    uint32 words[2] = { levels_of(packed), levels_of(packed >> 16) };
#else
    uint32 words[2] = { packed & 0x0f0f0f0f, packed >> 4 & 0x0f0f0f0f };
#endif
#if CODE_BITS == 5
    uint32 bits = m.high[block] >> 8 * part;
    words[0] |= ((bits & 15) * 0x00204081 & 0x01010101) << 4;
    words[1] |= ((bits >> 4 & 15) * 0x00204081 & 0x01010101) << 4;
#elif CODE_BITS == 6
    uint32 bits = m.high[block * 2 + part / 2] >> 4 * (part & 1);
    words[0] |= (bits & 0x03030303) << 4;
    words[1] |= (bits >> 2 & 0x03030303) << 4;
#endif
#endif
    uint32 super_scale = 0;
#ifdef SUPER_SCALE
    super_scale = ((const SUPER_SCALE*)m.super_scales)[block / 8];
#endif
    float2 scale = scale_of(m.scales[block], super_scale, part / 2);
#pragma unroll
    for (int k = 0; k < 8; k++) x[k] = scale.x * (float)(signed char)(words[k / 4] >> k % 4 * 8) + scale.y;
    output[i] = make_uint4(floats_to_halves(x[0], x[1]), floats_to_halves(x[2], x[3]), floats_to_halves(x[4], x[5]), floats_to_halves(x[6], x[7]));
}
