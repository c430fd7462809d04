// A matrix of a format with codes, in planes (block_codes.cuh), and how its blocks are read.
#include "block_codes.cuh"

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
