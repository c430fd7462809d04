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
    for (int i = 0; i < PER_LANE; i++) x[i] = has_element(i) ? row[i * WARP + lane_id()] : 0.0f;
}

DEVICE void store_row(const float* x, float* row)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        if (has_element(i)) row[i * WARP + lane_id()] = x[i];
    }
}

DEVICE void rotate_by_position(float* x, const float* row, const Rotation rotation, int token)
{
    const float2* angles = rotation.angles + (long)token * rotation.pairs;
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        int element = i * WARP + lane_id();
        if (element >= 2 * rotation.pairs || !has_element(i)) continue;
        bool is_first = rotation.is_interleaved ? element % 2 == 0 : element < rotation.pairs;
        int distance = rotation.is_interleaved ? 1 : rotation.pairs, partner = is_first ? element + distance : element - distance;
        float2 angle = angles[rotation.is_interleaved ? element / 2 : min(element, partner)];
        x[i] = x[i] * angle.x + row[partner] * (is_first ? -angle.y : angle.y);
    }
}

// A head of a token, rotated by its position unless it is a value, and over its elements.
DEVICE void load_head(float* x, const float* row, const Rotation rotation, int token, bool is_value)
{
    load_row(x, row);
    if (!is_value) rotate_by_position(x, row, rotation, token);
    hadamard(x, is_value ? rotation.value_rotation : rotation.key_rotation);
}

DEVICE int block_of_token(const StepTokens step, int token) { return step.blocks[step.tables[token] + step.positions[token] / BLOCK_TOKENS]; }

// A row's spans in turn: store(span, code, scale, minimum) is told of each.
template <int TYPE, class Store>
DEVICE void append_spans(float* x, bool is_brief, const uint8* nearest, Store store)
{
#pragma unroll 1
    for (int i = 0; i < PER_LANE; i++, turn(x))
    {
        float scale, minimum;
        uint32 code = quantize_span<TYPE>(x[0], is_brief, nearest, &scale, &minimum);
        if (has_element(i)) store(i, code, scale, minimum);
    }
}

DEVICE void append_key(float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, const uint8* nearest)
{
    uint8* region = key_region(layer, block_of_token(step, token), kv_head);
    int slot = step.positions[token] % BLOCK_TOKENS;
    append_spans<KEY_TYPE>(
        x, false, nearest, [=](int span, uint32 code, float scale, float minimum) { key_store(region, slot, span, code, scale, minimum); });
}

DEVICE void append_value(float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, bool is_brief, const uint8* nearest)
{
    uint8* region = value_region(layer, block_of_token(step, token), kv_head);
    int slot = step.positions[token] % BLOCK_TOKENS;
    append_spans<VALUE_TYPE>(
        x, is_brief, nearest, [=](int span, uint32 code, float scale, float minimum) { value_store(region, slot, span, code, scale, minimum); });
}

// A value whose codes are chosen by the output's weights.
template <bool IS_EARLY>
DEVICE void append_weighted_value(
    const float* x, const CacheLayer layer, const StepTokens step, int token, int kv_head, const OutputWeights weights, const uint8* nearest)
{
    if constexpr (VALUE_TYPE > TYPE_Q8_0)
    {
        Rounding r;
#pragma unroll
        for (int i = 0; i < PER_LANE; i++) r.x[i] = x[i];
#pragma unroll 1
        for (int i = 0; i < PER_LANE; i++, turn(r))
        {
            BlockScale s = scale_of_span<VALUE_TYPE>(r.x[0], false, nearest);
            r.scale[0] = s.scale;
            r.offset[0] = s.offset;
        }

        round_weighted<VALUE_TYPE, IS_EARLY>(r, weights, nearest);
        uint8* region = value_region(layer, block_of_token(step, token), kv_head);
        int slot = step.positions[token] % BLOCK_TOKENS;
#pragma unroll 1
        for (int i = 0; i < PER_LANE; i++, turn(r)) value_store(region, slot, i, r.codes[0], r.scale[0], minimum_of<VALUE_TYPE>(r.scale[0], r.offset[0]));
    }
}

// A value that is to be rounded by weights when the step is over is kept for that.
DEVICE void keep_deferred(const float* x, const Appending appending, int token, int kv_head, int kv_heads)
{
    if (appending.deferred) store_row(x, appending.deferred + ((long)token * kv_heads + kv_head) * HEAD_DIM);
}

// The table by which codes of IQ4_NL are found, where a kernel that includes this needs it.
#if KEY_TYPE == TYPE_IQ4_NL || VALUE_TYPE == TYPE_IQ4_NL
#define NEAREST_TABLE(name) __shared__ uint8 name[NEAREST_ENTRIES]; fill_nearest(name); __syncthreads()
#else
#define NEAREST_TABLE(name) const uint8* name = 0
#endif
