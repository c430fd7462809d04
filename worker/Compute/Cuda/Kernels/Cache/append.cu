// Rotates queries, keys and values of a step in place and appends keys and values to the cache. A warp a head of a token.
#include "append_row.cuh"

KERNEL rotate_append(
    float* qkv, int tokens, int heads, int kv_heads, const StepTokens step, const CacheLayer layer, const Rotation rotation, const Appending appending)
{
    NEAREST_TABLE(nearest);
    let_next_start();
    wait_for_previous();
    // Heads of a kind stand together, so that a block's warps read the same weights.
    int item = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP;
    int head = item / tokens, token = item % tokens;
    if (head >= heads + 2 * kv_heads) return;
    float* row = qkv + ((long)token * (heads + 2 * kv_heads) + head) * HEAD_DIM;
    float x[PER_LANE];
    load_head(x, row, rotation, token, head >= heads + kv_heads);
    __syncwarp();
    store_row(x, row);
    if (head < heads) return;
    int kv_head = (head - heads) % kv_heads;
    if (head < heads + kv_heads)
    {
        append_key(x, layer, step, token, kv_head, nearest);
    }
    else if (appending.weights && !appending.deferred)
    {
        append_weighted_value<false>(x, layer, step, token, kv_head, appending.weights[kv_head], nearest);
    }
    else
    {
        keep_deferred(x, appending, token, kv_head, kv_heads);
        append_value(x, layer, step, token, kv_head, appending.deferred != 0, nearest);
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
    NEAREST_TABLE(nearest);
    let_next_start();
    wait_for_previous();
    int item = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP;
    int head = item / tokens, token = item % tokens;
    if (head >= kv_heads) return;
    const DeferredLayer deferred = layers[blockIdx.y];
    float x[PER_LANE];
    load_row(x, deferred.rows + ((long)token * kv_heads + head) * HEAD_DIM);
    append_weighted_value<true>(x, deferred.layer, step, token, head, deferred.weights[head], nearest);
}
