// Operations that work element by element or row by row.
#include "common.cuh"
#include "activations.cuh"

KERNEL add(float* accumulator, const float* addend, int planes, int count)
{
    let_next_start();
    wait_for_previous();
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    float sum = addend[i];
    for (int plane = 1; plane < planes; plane++) sum += addend[(long)plane * count + i];
    accumulator[i] += sum;
}

KERNEL swiglu(const float* gate_up, int width, int tokens, float* output, int output_width, int output_offset)
{
    let_next_start();
    wait_for_previous();
    for (long i = blockIdx.x * (long)blockDim.x + threadIdx.x; i < (long)width * tokens; i += (long)gridDim.x * blockDim.x)
    {
        long row = i / width, column = i % width;
        const float* gate = gate_up + row * 2 * width + column;
        output[row * output_width + output_offset + column] = silu(gate[0]) * gate[width];
    }
}

// The same for rows of whole blocks of 32 columns without padding, quantized on the way.
KERNEL swiglu_quantize(const float* gate_up, int width, int tokens, float* output, QuantizedRows quantized)
{
    let_next_start();
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    bool is_valid = i * 4 < (long)width * tokens;
    float4 y = make_float4(0, 0, 0, 0);
    if (is_valid)
    {
        long row = i * 4 / width, column = i * 4 % width;
        float4 gate = *(const float4*)(gate_up + row * 2 * width + column);
        float4 up = *(const float4*)(gate_up + row * 2 * width + width + column);
        y = make_float4(silu(gate.x) * up.x, silu(gate.y) * up.y, silu(gate.z) * up.z, silu(gate.w) * up.w);
        *(float4*)(output + i * 4) = y;
    }

    quantize_four(y, i, quantized, is_valid);
}

KERNEL quantize(const float* input, long fours, QuantizedRows quantized)
{
    let_next_start();
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    bool is_valid = i < fours;
    quantize_four(is_valid ? ((const float4*)input)[i] : make_float4(0, 0, 0, 0), i, quantized, is_valid);
}

KERNEL gather_rows(const float* input, int width, const int* rows, float* output)
{
    let_next_start();
    wait_for_previous();
    const float* source = input + (long)rows[blockIdx.y] * width;
    float* target = output + (long)blockIdx.y * width;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < width; i += gridDim.x * blockDim.x) target[i] = source[i];
}

// Cosines and sines of a step's positions, in f64, so that positions far out keep their fraction of a turn.
KERNEL rotary_angles(const int* positions, const float* frequencies, int pairs, float magnitude, int tokens, float2* angles)
{
    let_next_start();
    wait_for_previous();
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= tokens * pairs) return;
    double sine, cosine;
    sincos((double)positions[i / pairs] * (double)frequencies[i % pairs], &sine, &cosine);
    angles[i] = make_float2((float)(cosine * magnitude), (float)(sine * magnitude));
}
