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

// Fours that a thread takes of a row at once, blockDim.x apart: those of one token stay in registers between the sum of squares and its use.
#define KEPT_FOURS 4

// The slots of four values.
DEVICE void load_slots(const uint64* slots, uint64* words)
{
    asm volatile("ld.relaxed.sys.global.v2.u64 {%0, %1}, [%2];" : "=l"(words[0]), "=l"(words[1]) : "l"(slots) : "memory");
    asm volatile("ld.relaxed.sys.global.v2.u64 {%0, %1}, [%2];" : "=l"(words[2]), "=l"(words[3]) : "l"(slots + SLOT_PAIRS) : "memory");
}

// Two fours of a sum over ranks, from the first one on, behind whose end there are none. Slots of two ranks at a time are on their way.
DEVICE void load_sums(const Exchange& ranks, uint32 sum, bool waits, int first, int end, float4* totals)
{
    // What is not there adds nothing: -0 + x is x, to the bit.
    uint64 nothing = (uint64)sum << 32 | __float_as_uint(-0.0f);
    totals[0] = totals[1] = make_float4(-0.0f, -0.0f, -0.0f, -0.0f);
    for (int rank = 0; rank < ranks.size; rank += 2)
    {
        uint64 words[4][4];
#pragma unroll
        for (int i = 0; i < 16; i++) words[i / 4][i % 4] = nothing;
        bool is_there = false;
        for (int look = 1; !is_there; look++)
        {
            is_there = true;
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                int four = first + i % 2 * blockDim.x;
                if (four < end && rank + i / 2 < ranks.size) load_slots(slots_of(ranks, ranks.rank, rank + i / 2, sum) + slot_of_four(four), words[i]);
            }

#pragma unroll
            for (int i = 0; i < 16; i++) is_there &= belongs_to(words[i / 4][i % 4], sum);
            is_there |= !waits;
            waits = waits && !is_abandoned(ranks, look);
        }

#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            float4 x = totals[i % 2];
            uint64* w = words[i];
            totals[i % 2] = make_float4(x.x + value_of(w[0]), x.y + value_of(w[1]), x.z + value_of(w[2]), x.w + value_of(w[3]));
        }
    }
}

// Fours from the first one on of what is to be normalized, which ends before the end; 0 behind that.
DEVICE void load_fours(const ProductChain& chain, const ChainLink& link, bool waits, int first, int end, float4* kept)
{
#pragma unroll
    for (int k = 0; k < KEPT_FOURS; k += 2)
    {
        if (HAS_SUMS && link.input_sum)
        {
            load_sums(chain.ranks, link.input_sum, waits, first + k * blockDim.x, end, kept + k);
            continue;
        }

#pragma unroll
        for (int j = k; j < k + 2; j++)
        {
            int i = first + j * blockDim.x;
            kept[j] = i < end ? load_new(link.input, i) : make_float4(0, 0, 0, 0);
        }
    }
}

DEVICE void normalize_rows(const ProductChain& chain, const ChainLink& link, bool waits, SharedRows target)
{
    __shared__ float parts[TOKENS][CHAIN_WARPS];
    int fours = link.row_blocks * 8;
    float squares[TOKENS];
    float4 kept[KEPT_FOURS];
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        squares[t] = 0;
        if (t >= chain.tokens) break;
        for (int first = threadIdx.x; first < fours; first += KEPT_FOURS * blockDim.x)
        {
            load_fours(chain, link, waits, t * fours + first, (t + 1) * fours, kept);
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
        if (t >= chain.tokens) break;
        float sum = warp_sum(lane_id() < CHAIN_WARPS ? parts[t][lane_id()] : 0.0f);
        float scale = 1.0f / sqrtf(sum / (fours * 4) + link.epsilon);
        for (int first = threadIdx.x; first < fours; first += KEPT_FOURS * blockDim.x)
        {
            if (HAS_SUMS && !is_kept) load_fours(chain, link, waits, t * fours + first, (t + 1) * fours, kept);
#pragma unroll
            for (int k = 0; k < KEPT_FOURS; k++)
            {
                int i = first + k * blockDim.x;
                if (i >= fours) break;
                float4 x = HAS_SUMS || is_kept ? kept[k] : load_new(link.input, (long)t * fours + i), g = ((const float4*)link.gain)[i];
                float4 y = make_float4(x.x * scale * g.x, x.y * scale * g.y, x.z * scale * g.z, x.w * scale * g.w);
                if (blockIdx.x == 0)
                {
                    // Who read the residual stream as it was did so before storing partials of the sum.
                    if (HAS_SUMS && link.input_sum) ((float4*)link.input)[t * fours + i] = x;
                    ((float4*)link.normed)[t * fours + i] = y;
                }

                keep_codes(target, t * fours + i, y);
            }
        }
    }
}

// waits: whether a sum is worth waiting for.
DEVICE void take_input(const ProductChain& chain, const ChainLink& link, bool waits, SharedRows target)
{
    if (link.input_kind == INPUT_CODES) take_codes(link, chain.tokens, target);
    else if (link.input_kind == INPUT_ROWS) quantize_rows(link, chain.tokens, target);
    else normalize_rows(chain, link, waits, target);
    __syncthreads();
}
