// Reads memory as fast as it goes; what is read is summed, so that it is not left out.
#include "common.cuh"

KERNEL read_all(const uint4* data, long count, uint32* result)
{
    wait_for_previous();
    uint32 sum = 0;
    long stride = (long)gridDim.x * blockDim.x;
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    for (; i + 3 * stride < count; i += 4 * stride)
    {
        uint4 a = data[i], b = data[i + stride], c = data[i + 2 * stride], d = data[i + 3 * stride];
        sum += (a.x ^ a.y ^ a.z ^ a.w) + (b.x ^ b.y ^ b.z ^ b.w) + (c.x ^ c.y ^ c.z ^ c.w) + (d.x ^ d.y ^ d.z ^ d.w);
    }

    if (sum == 1) *result = sum;
}
