// Operations that work element by element or row by row.
#include "prelude.cl"

KERNEL add(GLOBAL float* accumulator, const GLOBAL float* addend, int planes, int count)
{
    int i = get_global_id(0);
    if (i >= count) return;
    float sum = addend[i];
    for (int plane = 1; plane < planes; plane++) sum += addend[(long)plane * count + i];
    accumulator[i] += sum;
}

KERNEL swiglu(const GLOBAL float* gate_up, int width, long count, GLOBAL float* output, int output_width, int output_offset)
{
    long i = get_global_id(0);
    if (i >= count) return;
    long row = i / width, column = i % width;
    const GLOBAL float* gate = gate_up + row * 2 * width + column;
    output[row * output_width + output_offset + column] = gate[0] / (1.0f + exp(-gate[0])) * gate[width];
}

KERNEL gather_rows(const GLOBAL float* input, int width, const GLOBAL int* rows, long count, GLOBAL float* output)
{
    long i = get_global_id(0);
    if (i < count) output[i] = input[(long)rows[i / width] * width + i % width];
}

// Root-mean-square norm, a work-group a row.
#define NORM_ITEMS 256
#define NORM_PARTS 16

GROUP_OF(NORM_ITEMS) KERNEL rms_norm(const GLOBAL float* input, const GLOBAL float* gain, float epsilon, int width, GLOBAL float* output)
{
    LOCAL float squares[NORM_ITEMS];
    LOCAL float parts[NORM_PARTS];
    int item = get_local_id(0);
    long start = (long)get_group_id(0) * width;
    float sum = 0;
    for (int i = item; i < width; i += NORM_ITEMS) sum += input[start + i] * input[start + i];
    squares[item] = sum;
    meet();
    sum = 0;
    for (int i = item; i < NORM_ITEMS && item < NORM_PARTS; i += NORM_PARTS) sum += squares[i];
    if (item < NORM_PARTS) parts[item] = sum;
    meet();
    sum = 0;
    for (int i = 0; i < NORM_PARTS; i++) sum += parts[i];
    float scale = 1.0f / sqrt(sum / width + epsilon);
    for (int i = item; i < width; i += NORM_ITEMS) output[start + i] = input[start + i] * scale * gain[i];
}

// Activations as int8 codes of 32 columns with a scale, and the sum of the codes for formats whose levels are not counted from 0.
KERNEL quantize(const GLOBAL float* input, long blocks, GLOBAL char* codes, GLOBAL float2* scales)
{
    long block = get_global_id(0);
    if (block >= blocks) return;
    const GLOBAL float* x = input + block * 32;
    float largest = 0;
    for (int i = 0; i < 32; i++) largest = fmax(largest, fabs(x[i]));
    float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    int sum = 0;
    for (int i = 0; i < 32; i++)
    {
        int code = convert_int_rte(x[i] * inverse);
        codes[block * 32 + i] = (char)code;
        sum += code;
    }

    scales[block] = (float2)(largest / 127.0f, (float)sum);
}
