// What a device does at most. What is computed could be asked for, so that it is not left out.
#include "prelude.cl"

// Reads memory as fast as it goes: each work-group its own part, one item beside the other.
KERNEL read_all(const GLOBAL uint4* data, long part, GLOBAL uint* result)
{
    long start = (long)get_group_id(0) * part;
    uint4 sum = 0;
    for (long i = get_local_id(0); i < part; i += get_local_size(0)) sum += data[start + i];
    if ((sum.s0 ^ sum.s1 ^ sum.s2 ^ sum.s3) == 1) *result = sum.s0;
}

// Multiplies and adds in registers: CHAINS · 8 of each in a round, which do not wait for each other.
#define CHAINS 8

KERNEL multiply_add(float factor, float addend, int rounds, GLOBAL float* result)
{
    float8 sums[CHAINS];
#pragma unroll
    for (int k = 0; k < CHAINS; k++) sums[k] = (float)(get_local_id(0) + k);
    for (int round = 0; round < rounds; round++)
    {
#pragma unroll
        for (int k = 0; k < CHAINS; k++) sums[k] = sums[k] * factor + addend;
    }

    float8 sum = 0;
#pragma unroll
    for (int k = 0; k < CHAINS; k++) sum += sums[k];
    if (sum.s0 + sum.s1 + sum.s2 + sum.s3 + sum.s4 + sum.s5 + sum.s6 + sum.s7 == 1.0f) *result = sum.s0;
}
