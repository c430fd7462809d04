// Activations as int8 codes of 32 columns with a scale, and the sum of the codes for formats whose levels are not counted from 0.

struct QuantizedRows
{
    uint32* codes;  // a byte a column, row after row; null: not wanted
    float2* scales; // (scale, sum of codes) of each 32 columns
};

// The codes of four columns a lane, eight lanes a block of 32, and the block's (scale, sum of codes); all lanes of the warp take part.
DEVICE uint32 codes_of_four(float4 x, float2* scale)
{
    float largest = fmaxf(fmaxf(fabsf(x.x), fabsf(x.y)), fmaxf(fabsf(x.z), fabsf(x.w)));
#pragma unroll
    for (int mask = 4; mask > 0; mask /= 2) largest = fmaxf(largest, __shfl_xor_sync(ALL_LANES, largest, mask));
    float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    int a = __float2int_rn(x.x * inverse), b = __float2int_rn(x.y * inverse);
    int c = __float2int_rn(x.z * inverse), d = __float2int_rn(x.w * inverse);
    int sum = a + b + c + d;
#pragma unroll
    for (int mask = 4; mask > 0; mask /= 2) sum += __shfl_xor_sync(ALL_LANES, sum, mask);
    *scale = make_float2(largest / 127.0f, (float)sum);
    return (a & 255) | (b & 255) << 8 | (c & 255) << 16 | (uint32)d << 24;
}

// The same into global memory. index: of the four columns, over all rows.
DEVICE void quantize_four(float4 x, long index, QuantizedRows target, bool is_valid)
{
    float2 scale;
    uint32 codes = codes_of_four(x, &scale);
    if (!is_valid) return;
    target.codes[index] = codes;
    if ((lane_id() & 7) == 0) target.scales[index / 8] = scale;
}
