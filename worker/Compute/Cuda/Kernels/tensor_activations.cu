// Activations as f16 for products on tensor cores, all times one power of two that keeps the largest in range.
#include "common.cuh"

KERNEL largest_magnitude(const float* input, long count, uint32* largest)
{
    let_next_start();
    wait_for_previous();
    float result = 0;
    for (long i = blockIdx.x * (long)blockDim.x + threadIdx.x; i < count; i += (long)gridDim.x * blockDim.x) result = fmaxf(result, fabsf(input[i]));
    result = warp_max(result);
    if (lane_id() == 0) atomicMax(largest, __float_as_uint(result)); // magnitudes order as their bits do
}

// Rows of columns elements to rows of stride, zeros between; inverse receives what products are to be multiplied with.
KERNEL to_half(const float* input, int columns, int stride, long rows, const uint32* largest, uint16* output, float* inverse)
{
    let_next_start();
    wait_for_previous();
    // 2^(14 - exponent): the largest becomes 2^14 to 2^15.
    int exponent = min(max((int)(*largest >> 23) - 127, -100), 100);
    float factor = __uint_as_float((uint32)(127 + 14 - exponent) << 23);
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i == 0) *inverse = __uint_as_float((uint32)(127 - 14 + exponent) << 23);
    for (; i < rows * stride; i += (long)gridDim.x * blockDim.x)
    {
        long row = i / stride;
        int column = (int)(i - row * stride);
        output[i] = column < columns ? float_to_half(input[row * columns + column] * factor) : (uint16)0;
    }
}

KERNEL add_bias(const float* bias, int rows, int tokens, int output_width, float* output)
{
    let_next_start();
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i < (long)rows * tokens) output[i / rows * output_width + i % rows] += bias[i % rows];
}
