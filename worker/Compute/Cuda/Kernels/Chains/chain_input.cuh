// A link's activations in shared memory, quantized by each block for itself: that takes less time than to wait for another one's.

// Where a piece of sixteen bytes stands of data that has two for each lane: neighbouring lanes then read from different banks.
DEVICE int swizzled(int piece) { return piece ^ (piece >> 3 & 1); }

struct SharedRows
{
    uint4* codes;   // [token][columns / 16], swizzled
    float2* scales; // [token][columns / 32]: (scale, sum of codes)
};

DEVICE float4 load_new(const float* rows, long four) { return __ldcg((const float4*)rows + four); }

DEVICE void keep_codes(SharedRows target, int four, float4 x)
{
    float2 scale;
    uint32 codes = codes_of_four(x, &scale);
    ((uint32*)target.codes)[swizzled(four / 4) * 4 + four % 4] = codes;
    if ((lane_id() & 7) == 0) target.scales[four / 8] = scale;
}

DEVICE void take_codes(const ChainLink& link, int tokens, SharedRows target)
{
    for (int i = threadIdx.x; i < tokens * link.row_blocks * 2; i += blockDim.x) target.codes[swizzled(i)] = __ldcg((const uint4*)link.quantized.codes + i);
    for (int i = threadIdx.x; i < tokens * link.row_blocks; i += blockDim.x) target.scales[i] = __ldcg(link.quantized.scales + i);
}

// Rows are whole warps of fours, as they have whole eights of blocks.
#define FOURS_AT_ONCE 8
DEVICE void quantize_rows(const ChainLink& link, int tokens, SharedRows target)
{
    int fours = tokens * link.row_blocks * 8;
    for (int first = threadIdx.x; first < fours; first += FOURS_AT_ONCE * blockDim.x)
    {
        float4 x[FOURS_AT_ONCE];
#pragma unroll
        for (int k = 0; k < FOURS_AT_ONCE; k++)
        {
            int i = first + k * blockDim.x;
            if (i < fours) x[k] = load_new(link.input, i);
        }

#pragma unroll
        for (int k = 0; k < FOURS_AT_ONCE; k++)
        {
            int i = first + k * blockDim.x;
            if (i < fours) keep_codes(target, i, x[k]);
        }
    }
}

// Columns whose values stay in registers between the sum of squares and its use, of one token.
#define KEPT_FOURS 4

DEVICE void normalize_rows(const ChainLink& link, int tokens, SharedRows target)
{
    __shared__ float parts[TOKENS][CHAIN_WARPS];
    int fours = link.row_blocks * 8;
    float squares[TOKENS];
    float4 kept[KEPT_FOURS];
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        squares[t] = 0;
        if (t >= tokens) break;
        for (int first = threadIdx.x; first < fours; first += KEPT_FOURS * blockDim.x)
        {
#pragma unroll
            for (int k = 0; k < KEPT_FOURS; k++)
            {
                int i = first + k * blockDim.x;
                kept[k] = i < fours ? load_new(link.input, (long)t * fours + i) : make_float4(0, 0, 0, 0);
            }

#pragma unroll
            for (int k = 0; k < KEPT_FOURS; k++)
                squares[t] += kept[k].x * kept[k].x + kept[k].y * kept[k].y + kept[k].z * kept[k].z + kept[k].w * kept[k].w;
        }
    }

    bool is_kept = TOKENS == 1 && fours <= KEPT_FOURS * blockDim.x;

#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        squares[t] = warp_sum(squares[t]);
        if (lane_id() == 0) parts[t][threadIdx.x / WARP] = squares[t];
    }

    __syncthreads();
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        if (t >= tokens) break;
        float sum = warp_sum(lane_id() < CHAIN_WARPS ? parts[t][lane_id()] : 0.0f);
        float scale = 1.0f / sqrtf(sum / (fours * 4) + link.epsilon);
        for (int first = threadIdx.x; first < fours; first += KEPT_FOURS * blockDim.x)
        {
#pragma unroll
            for (int k = 0; k < KEPT_FOURS; k++)
            {
                int i = first + k * blockDim.x;
                if (i >= fours) break;
                float4 x = is_kept ? kept[k] : load_new(link.input, (long)t * fours + i), g = ((const float4*)link.gain)[i];
                float4 y = make_float4(x.x * scale * g.x, x.y * scale * g.y, x.z * scale * g.z, x.w * scale * g.w);
                if (blockIdx.x == 0) ((float4*)link.normed)[t * fours + i] = y;
                keep_codes(target, t * fours + i, y);
            }
        }
    }
}

DEVICE void take_input(const ChainLink& link, int tokens, SharedRows target)
{
    if (link.input_kind == INPUT_CODES) take_codes(link, tokens, target);
    else if (link.input_kind == INPUT_ROWS) quantize_rows(link, tokens, target);
    else normalize_rows(link, tokens, target);
    __syncthreads();
}
