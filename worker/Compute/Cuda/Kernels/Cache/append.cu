// Rotates queries, keys and values of a step in place and appends keys and values to the cache. A warp a head of a token.
#include "layer.cuh"
#include "hadamard.cuh"
#include "rounding.cuh"

DEVICE void rotate_by_position(float* x, const float* row, const float2* angles, int pairs, int is_interleaved)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        int element = i * WARP + lane_id();
        if (element >= 2 * pairs || element >= HEAD_DIM) continue;
        int pair = is_interleaved ? element / 2 : element % pairs;
        bool is_first = is_interleaved ? element % 2 == 0 : element < pairs;
        int partner = is_interleaved ? element ^ 1 : is_first ? element + pairs : element - pairs;
        float2 angle = angles[pair];
        x[i] = is_first ? x[i] * angle.x - row[partner] * angle.y : x[i] * angle.x + row[partner] * angle.y;
    }
}

KERNEL rotate_append(
    float* qkv, int tokens, int heads, int kv_heads, const StepTokens step, const CacheLayer layer, const float2* angles, int pairs,
    int is_interleaved, int key_rotation, int value_rotation, const OutputWeights* weights, float* deferred)
{
#if KEY_TYPE == TYPE_IQ4_NL || VALUE_TYPE == TYPE_IQ4_NL
    __shared__ uint8 nearest[NEAREST_ENTRIES];
    fill_nearest(nearest);
    __syncthreads();
#else
    const uint8* nearest = 0;
#endif
    let_next_start();
    wait_for_previous();
    // Heads of a kind stand together, so that a block's warps read the same weights.
    int item = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP;
    int head = item / tokens, token = item % tokens;
    if (head >= heads + 2 * kv_heads) return;
    float* row = qkv + ((long)token * (heads + 2 * kv_heads) + head) * HEAD_DIM;
    float x[PER_LANE];
#pragma unroll
    for (int i = 0; i < PER_LANE; i++) x[i] = i * WARP + lane_id() < HEAD_DIM ? row[i * WARP + lane_id()] : 0.0f;
    bool is_value = head >= heads + kv_heads;
    if (!is_value) rotate_by_position(x, row, angles + (long)token * pairs, pairs, is_interleaved);
    hadamard(x, is_value ? value_rotation : key_rotation);
    __syncwarp();
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        if (i * WARP + lane_id() < HEAD_DIM) row[i * WARP + lane_id()] = x[i];
    }

    if (head < heads) return;
    int position = step.positions[token], kv_head = is_value ? head - heads - kv_heads : head - heads;
    int block = step.blocks[step.tables[token] + position / BLOCK_TOKENS], slot = position % BLOCK_TOKENS;
    uint32 codes[PER_LANE];
    float scale[PER_LANE], minimum[PER_LANE];
    if (is_value)
    {
        OutputWeights none = { 0, 0, 0 };
        quantize_row<VALUE_TYPE>(x, weights ? weights[kv_head] : none, deferred != 0, nearest, codes, scale, minimum);
        if (deferred)
        {
            float* target = deferred + ((long)token * kv_heads + kv_head) * HEAD_DIM;
#pragma unroll
            for (int i = 0; i < PER_LANE; i++)
            {
                if (i * WARP + lane_id() < HEAD_DIM) target[i * WARP + lane_id()] = x[i];
            }
        }
    }
    else
    {
        OutputWeights none = { 0, 0, 0 };
        quantize_row<KEY_TYPE>(x, none, false, nearest, codes, scale, minimum);
    }

#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        // Heads that 32 does not divide are of plain types, whose stores need no other lane.
        if (HEAD_DIM % WARP != 0 && i * WARP + lane_id() >= HEAD_DIM) continue;
        if (is_value) value_store(value_region(layer, block, kv_head), slot, i, codes[i], scale[i], minimum[i]);
        else key_store(key_region(layer, block, kv_head), slot, i, codes[i], scale[i], minimum[i]);
    }
}

// A layer whose values were rounded briefly when they were appended, and are to be rounded by the output's weights.
struct DeferredLayer
{
    CacheLayer layer;
    const OutputWeights* weights;
    const float* rows; // [token][head][element]
};

// Grid: heads of tokens, layers. Choosing codes one after the other takes long for one row, but no longer for all layers at once.
KERNEL round_deferred(const DeferredLayer* layers, int tokens, int kv_heads, const StepTokens step)
{
#if VALUE_TYPE == TYPE_IQ4_NL
    __shared__ uint8 nearest[NEAREST_ENTRIES];
    fill_nearest(nearest);
    __syncthreads();
#else
    const uint8* nearest = 0;
#endif
    let_next_start();
    wait_for_previous();
    int item = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP;
    int head = item / tokens, token = item % tokens;
    if (head >= kv_heads) return;
    const DeferredLayer deferred = layers[blockIdx.y];
    const float* row = deferred.rows + ((long)token * kv_heads + head) * HEAD_DIM;
    float x[PER_LANE], scale[PER_LANE], minimum[PER_LANE];
    uint32 codes[PER_LANE];
#pragma unroll
    for (int i = 0; i < PER_LANE; i++) x[i] = i * WARP + lane_id() < HEAD_DIM ? row[i * WARP + lane_id()] : 0.0f;
    quantize_row<VALUE_TYPE>(x, deferred.weights[head], false, nearest, codes, scale, minimum);
    int position = step.positions[token], block = step.blocks[step.tables[token] + position / BLOCK_TOKENS];
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        if (HEAD_DIM % WARP != 0 && i * WARP + lane_id() >= HEAD_DIM) continue;
        value_store(value_region(deferred.layer, block, head), position % BLOCK_TOKENS, i, codes[i], scale[i], minimum[i]);
    }
}
