// What kernels of attention have in common: how they are told what to do, and their end, where warps are merged in shared memory and splits of the
// context by the block that ends last. A block has ROWS rows, of HEADS query heads each of one or more tokens. After layer.cuh
// and hadamard.cuh.
#include "activations.cuh"

#ifndef MAX_SPLITS
#define MAX_SPLITS 128
#endif

// Warps that share rows, each with sums of its own over the context.
#ifndef MERGED_WARPS
#define MERGED_WARPS WARPS
#endif

struct AttentionShape
{
    int heads;       // query heads of a token
    int kv_heads;
    int tokens;      // of the step
    int qkv_width;
    float scale;     // of scores, to base 2
    int tile;        // cached tokens of a tile: some times BATCH · GROUPS, up to 32
};

struct AttentionOutput
{
    float* rows;
    int width;
    int offset;
    int value_rotation;
    QuantizedRows quantized; // codes null: not wanted
};

struct Partials
{
    float* sums;      // [tile, head chunk, split][ROWS][HEAD_DIM]
    float2* weights;  // [tile, head chunk, split][ROWS]: (largest score, sum of weights)
    uint32* arrived;  // [tile, head chunk], zero between steps
};

// What the warps of a block have of its rows. Each warp has written its own before the end.
struct WarpSums
{
    float values[MERGED_WARPS][ROWS][HEAD_DIM];
    float2 weights[MERGED_WARPS][ROWS]; // (largest score, sum of weights)
};

// Writes a span of 32 elements of a row, which a warp has, an element a lane: where it begins in the output.
DEVICE void write_span(const AttentionOutput output, long start, int span, float x)
{
    long place = start + span * WARP + lane_id();
    if (has_element(span)) output.rows[place] = x;
    if (HEAD_DIM % WARP != 0 || !output.quantized.codes) return;
    float most = warp_max(fabsf(x));
    int code = __float2int_rn(x * (most > 0 ? 127.0f / most : 0.0f));
    ((signed char*)output.quantized.codes)[place] = (signed char)code;
    float sum = warp_sum((float)code);
    if (lane_id() == 0) output.quantized.scales[place / WARP] = make_float2(most / 127.0f, sum);
}

// Where a row of a block is in the output; -1: nowhere.
DEVICE long output_start(const AttentionOutput output, int2 tile_tokens, int first_head, int head_count, int row)
{
    if (row / HEADS >= tile_tokens.y || row % HEADS >= head_count) return -1;
    return (long)(tile_tokens.x + row / HEADS) * output.width + output.offset + (first_head + row % HEADS) * HEAD_DIM;
}

// Merges the warps' sums, and those of other splits, and writes the rows. tile_tokens: the block's tokens (first, count); heads likewise.
DEVICE void end_attention(WarpSums& shared, const Partials partials, const AttentionOutput output, int2 tile_tokens, int first_head, int head_count)
{
    __shared__ bool is_last;
    __shared__ float factors[ROWS][MAX_SPLITS];
    int warp = threadIdx.x / WARP, lane = lane_id();
    __syncthreads();
    int place = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x;

    // A warp has a span of a row here, which is all that codes need, unless there is more to be merged or rotated.
    bool is_done = gridDim.x == 1 && output.value_rotation == 0 && HEAD_DIM % WARP == 0;
    for (int i = threadIdx.x; i < ROWS * HEAD_DIM; i += blockDim.x)
    {
        int r = i / HEAD_DIM, element = i % HEAD_DIM;
        float most = NEGATIVE_INFINITY, sum = 0, weight = 0;
#pragma unroll
        for (int w = 0; w < MERGED_WARPS; w++) most = fmaxf(most, shared.weights[w][r].x);
        float reference = most == NEGATIVE_INFINITY ? 0.0f : most;
#pragma unroll
        for (int w = 0; w < MERGED_WARPS; w++)
        {
            float factor = exp2_fast(shared.weights[w][r].x - reference);
            sum += shared.values[w][r][element] * factor;
            weight += shared.weights[w][r].y * factor;
        }

        if (is_done)
        {
            long start = output_start(output, tile_tokens, first_head, head_count, r);
            if (start >= 0) write_span(output, start, element / WARP, sum / weight);
        }
        else if (gridDim.x == 1)
        {
            shared.values[0][r][element] = sum / weight;
        }
        else
        {
            partials.sums[(long)(place + blockIdx.x) * (ROWS * HEAD_DIM) + i] = sum;
            if (element == 0) partials.weights[(place + blockIdx.x) * ROWS + r] = make_float2(most, weight);
        }
    }

    if (is_done) return;
    if (gridDim.x > 1)
    {
        __threadfence();
        __syncthreads();
        if (threadIdx.x == 0)
        {
            uint32* arrived = partials.arrived + blockIdx.z * gridDim.y + blockIdx.y;
            is_last = atomicAdd(arrived, 1) == gridDim.x - 1;
            if (is_last) *arrived = 0;
        }

        __syncthreads();
        if (!is_last) return;
        __threadfence();
        for (int r = warp; r < ROWS; r += WARPS)
        {
            float most = NEGATIVE_INFINITY, weight = 0;
            for (int split = lane; split < gridDim.x; split += WARP) most = fmaxf(most, partials.weights[(place + split) * ROWS + r].x);
            most = warp_max(most);
            for (int split = lane; split < gridDim.x; split += WARP)
            {
                float2 part = partials.weights[(place + split) * ROWS + r];
                float factor = exp2_fast(part.x - most);
                factors[r][split] = factor;
                weight += part.y * factor;
            }

            weight = warp_sum(weight);
            for (int split = lane; split < gridDim.x; split += WARP) factors[r][split] /= weight;
        }

        __syncthreads();
        for (int i = threadIdx.x; i < ROWS * HEAD_DIM / 4; i += blockDim.x)
        {
            int r = i / (HEAD_DIM / 4);
            const float4* part = (const float4*)(partials.sums + (long)place * (ROWS * HEAD_DIM)) + i;
            float4 sum = make_float4(0, 0, 0, 0);
#pragma unroll 16
            for (int split = 0; split < gridDim.x; split++)
            {
                float4 x = part[(long)split * (ROWS * HEAD_DIM / 4)];
                float factor = factors[r][split];
                sum = make_float4(sum.x + x.x * factor, sum.y + x.y * factor, sum.z + x.z * factor, sum.w + x.w * factor);
            }

            *(float4*)&shared.values[0][r][i % (HEAD_DIM / 4) * 4] = sum;
        }
    }

    __syncthreads();
    for (int r = warp; r < ROWS; r += WARPS)
    {
        long start = output_start(output, tile_tokens, first_head, head_count, r);
        if (start < 0) continue;
        float x[PER_LANE];
#pragma unroll
        for (int i = 0; i < PER_LANE; i++) x[i] = has_element(i) ? shared.values[0][r][i * WARP + lane] : 0.0f;
        hadamard(x, output.value_rotation);
#pragma unroll 1
        for (int i = 0; i < PER_LANE; i++, turn(x)) write_span(output, start, i, x[0]);
    }
}
