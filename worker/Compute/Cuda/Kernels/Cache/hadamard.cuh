// The orthonormal Walsh-Hadamard transform of runs of `size` elements of a row that a warp holds: element 32·i + lane in x[i].
#define PER_LANE ((HEAD_DIM + WARP - 1) / WARP)

DEVICE void hadamard(float* x, int size)
{
    if (size == 0) return;
    float scale = 1.0f / sqrtf((float)size);
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        x[i] *= scale;
#pragma unroll
        for (int mask = 1; mask < WARP; mask *= 2)
        {
            float other = __shfl_xor_sync(ALL_LANES, x[i], mask);
            x[i] = lane_id() & mask ? other - x[i] : x[i] + other;
        }
    }

#pragma unroll
    for (int half = 1; half < PER_LANE; half *= 2)
    {
        if (half * WARP >= size) break;
#pragma unroll
        for (int i = 0; i < PER_LANE; i++)
        {
            if ((i & half) != 0 || i + half >= PER_LANE) continue;
            float a = x[i], b = x[i + half];
            x[i] = a + b;
            x[i + half] = a - b;
        }
    }
}
