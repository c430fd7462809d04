// A head of a token's query, key or value: rotated, and put into the cache. A warp a row, element 32·i + lane in x[i].
#include "layer.cuh"
#include "hadamard.cuh"
#include "rounding.cuh"

struct Rotation
{
    const float2* angles; // [token][pair]: (cosine, sine)
    int pairs;
    int is_interleaved;
    int key_rotation;     // of queries as well: the size of Hadamard transforms, 0 for none
    int value_rotation;
};

struct Appending
{
    const OutputWeights* weights; // of the heads; null: not known
    float* deferred;              // [token][head][element]: values that are rounded by the weights later; null: none
};

DEVICE void load_row(float* x, const float* row)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++) x[i] = i * WARP + lane_id() < HEAD_DIM ? row[i * WARP + lane_id()] : 0.0f;
}

DEVICE void store_row(const float* x, float* row)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        if (i * WARP + lane_id() < HEAD_DIM) row[i * WARP + lane_id()] = x[i];
    }
}

DEVICE void rotate_by_position(float* x, const float* row, const Rotation rotation, int token)
{
    const float2* angles = rotation.angles + (long)token * rotation.pairs;
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        int element = i * WARP + lane_id();
        if (element >= 2 * rotation.pairs || element >= HEAD_DIM) continue;
        int pair = rotation.is_interleaved ? element / 2 : element % rotation.pairs;
        bool is_first = rotation.is_interleaved ? element % 2 == 0 : element < rotation.pairs;
        int partner = rotation.is_interleaved ? element ^ 1 : is_first ? element + rotation.pairs : element - rotation.pairs;
        float2 angle = angles[pair];
        x[i] = is_first ? x[i] * angle.x - row[partner] * angle.y : x[i] * angle.x + row[partner] * angle.y;
    }
}

// The row of a query or key.
DEVICE void load_rotated(float* x, const float* row, const Rotation rotation, int token)
{
    load_row(x, row);
    rotate_by_position(x, row, rotation, token);
    hadamard(x, rotation.key_rotation);
}

DEVICE void append_key(const float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, const uint8* nearest)
{
    int position = step.positions[token], block = step.blocks[step.tables[token] + position / BLOCK_TOKENS];
    OutputWeights none = { 0, 0, 0 };
    uint32 codes[PER_LANE];
    float scale[PER_LANE], minimum[PER_LANE];
    quantize_row<KEY_TYPE>(x, none, false, nearest, codes, scale, minimum);
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        // Heads that 32 does not divide are of plain types, whose stores need no other lane.
        if (HEAD_DIM % WARP != 0 && i * WARP + lane_id() >= HEAD_DIM) continue;
        key_store(key_region(layer, block, kv_head), position % BLOCK_TOKENS, i, codes[i], scale[i], minimum[i]);
    }
}

DEVICE void append_value(
    const float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, const OutputWeights weights, bool is_brief, const uint8* nearest)
{
    int position = step.positions[token], block = step.blocks[step.tables[token] + position / BLOCK_TOKENS];
    uint32 codes[PER_LANE];
    float scale[PER_LANE], minimum[PER_LANE];
    quantize_row<VALUE_TYPE>(x, weights, is_brief, nearest, codes, scale, minimum);
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        if (HEAD_DIM % WARP != 0 && i * WARP + lane_id() >= HEAD_DIM) continue;
        value_store(value_region(layer, block, kv_head), position % BLOCK_TOKENS, i, codes[i], scale[i], minimum[i]);
    }
}

// A step's value, which is kept besides if it is to be rounded later.
DEVICE void append_step_value(
    const float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, int kv_heads, const Appending appending, const uint8* nearest)
{
    OutputWeights none = { 0, 0, 0 };
    append_value(x, layer, step, token, kv_head, appending.weights ? appending.weights[kv_head] : none, appending.deferred != 0, nearest);
    if (appending.deferred) store_row(x, appending.deferred + ((long)token * kv_heads + kv_head) * HEAD_DIM);
}

// The table by which codes of IQ4_NL are found, where a kernel that includes this needs it.
#if KEY_TYPE == TYPE_IQ4_NL || VALUE_TYPE == TYPE_IQ4_NL
#define NEAREST_TABLE(name) __shared__ uint8 name[NEAREST_ENTRIES]; fill_nearest(name); __syncthreads()
#else
#define NEAREST_TABLE(name) const uint8* name = 0
#endif
