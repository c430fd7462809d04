// Root-mean-square norm, one block a row. An addend joins the input first, which then is the residual stream.
#include "common.cuh"
#include "activations.cuh"

DEVICE float block_sum(float x)
{
    __shared__ float parts[WARP];
    x = warp_sum(x);
    if (lane_id() == 0) parts[threadIdx.x / WARP] = x;
    __syncthreads();
    return warp_sum(lane_id() < blockDim.x / WARP ? parts[lane_id()] : 0.0f);
}

KERNEL rms_norm(float* input, const float* addend, const float* gain, float epsilon, int width, float* output)
{
    let_next_start();
    wait_for_previous();
    long start = (long)blockIdx.x * width;
    float squares = 0;
    for (int i = threadIdx.x; i < width; i += blockDim.x)
    {
        float x = input[start + i];
        if (addend)
        {
            x += addend[start + i];
            input[start + i] = x;
        }

        squares += x * x;
    }

    float scale = 1.0f / sqrtf(block_sum(squares) / width + epsilon);
    for (int i = threadIdx.x; i < width; i += blockDim.x) output[start + i] = input[start + i] * scale * gain[i];
}

// The same for rows of whole blocks of 32 columns, up to FOURS · 4 · blockDim.x, quantized on the way.
#define FOURS 4
KERNEL rms_norm_quantize(float* input, const float* addend, const float* gain, float epsilon, int width, float* output, QuantizedRows quantized)
{
    let_next_start();
    wait_for_previous();
    long start = (long)blockIdx.x * (width / 4);
    float4 x[FOURS];
    float squares = 0;
#pragma unroll
    for (int k = 0; k < FOURS; k++)
    {
        int i = threadIdx.x + k * blockDim.x;
        x[k] = i < width / 4 ? ((const float4*)input)[start + i] : make_float4(0, 0, 0, 0);
        if (addend && i < width / 4)
        {
            float4 y = ((const float4*)addend)[start + i];
            x[k] = make_float4(x[k].x + y.x, x[k].y + y.y, x[k].z + y.z, x[k].w + y.w);
            ((float4*)input)[start + i] = x[k];
        }

        squares += x[k].x * x[k].x + x[k].y * x[k].y + x[k].z * x[k].z + x[k].w * x[k].w;
    }

    float scale = 1.0f / sqrtf(block_sum(squares) / width + epsilon);
#pragma unroll
    for (int k = 0; k < FOURS; k++)
    {
        int i = threadIdx.x + k * blockDim.x;
        if (i - lane_id() >= width / 4) break;
        bool is_valid = i < width / 4;
        float4 g = is_valid ? ((const float4*)gain)[i] : make_float4(0, 0, 0, 0);
        float4 y = make_float4(x[k].x * scale * g.x, x[k].y * scale * g.y, x[k].z * scale * g.z, x[k].w * scale * g.w);
        if (is_valid) ((float4*)output)[start + i] = y;
        quantize_four(y, start + i, quantized, is_valid);
    }
}
