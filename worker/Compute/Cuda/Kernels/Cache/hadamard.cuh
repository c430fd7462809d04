// The orthonormal Walsh-Hadamard transform of runs of `size` elements of a row that a warp holds: element 32·i + lane in x[i].
#define PER_LANE ((HEAD_DIM + WARP - 1) / WARP)

// Whether the lane has an element of a span. Heads that 32 does not divide are of plain types, whose stores need no other lane.
DEVICE bool has_element(int span) { return HEAD_DIM % WARP == 0 || span * WARP + lane_id() < HEAD_DIM; }

// Puts what is of the next span of 32 elements first, in PER_LANE turns of each. Loops over spans by it are a quarter of the code of unrolled ones, and
// kernels of some microseconds wait longest for their own code.
template <class T>
DEVICE void turn(T* spans)
{
    T first = spans[0];
#pragma unroll
    for (int i = 1; i < PER_LANE; i++) spans[i - 1] = spans[i];
    spans[PER_LANE - 1] = first;
}

DEVICE void hadamard(float* x, int size)
{
    if (size == 0) return;
    float scale = 1.0f / sqrtf((float)size);
#pragma unroll
    for (int i = 0; i < PER_LANE; i++) x[i] *= scale;
#pragma unroll 1
    for (int mask = 1; mask < WARP; mask *= 2)
    {
        float sign = lane_id() & mask ? -1.0f : 1.0f;
#pragma unroll
        for (int i = 0; i < PER_LANE; i++) x[i] = __shfl_xor_sync(ALL_LANES, x[i], mask) + sign * x[i];
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
