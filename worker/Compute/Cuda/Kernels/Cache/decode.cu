// Attention of steps of one token a sequence, on tensor cores, of types that f16 holds: rotates the queries, appends the token's key and value, and
// attends, split over the context. A block has HEADS query heads, up to eight, of a KV head of a token; its WARPS warps, and those of the other
// splits, take 16 cached tokens in turn, each with a softmax of its own.
//
// Scores are products of keys (16 tokens a tile) and queries (eight heads), sums are products of values (16 elements a tile) and weights. Keys are
// f16 or codes, which f16 holds; queries and weights are two halves, which makes them as good as f32; codes of values are rounded to f16 with their
// scale, far below what their quantization costs. With group = lane / 4 and c = lane % 4 a lane has keys of tokens group and group + 8, values of tokens 2c, 2c + 1, 2c + 8 and 2c + 9, and of scores and
// sums heads 2c and 2c + 1.
#define ROWS HEADS
#define TOKENS 1
#include "append_row.cuh"
#include "attention_end.cuh"

#define TILE 16
#define MOST_HEADS 8
#define BLOCKS (HEAD_DIM / 32)
#define SPANS ((EIGHTS + 7) / 8) // of eight eights of a value
#if KEY_TYPE == TYPE_Q5_1 || KEY_TYPE == TYPE_Q4_1
#define KEY_MINIMUM
#endif

struct Tile
{
    key_Raw keys[BLOCKS][2];
    value_Raw values[SPANS][4];
};

// The queries of the block as halves and what those leave, in the order of key_place, and the sums of their blocks of 32.
struct Queries
{
    uint16 halves[MOST_HEADS][HEAD_DIM + 8];
    uint16 rests[MOST_HEADS][HEAD_DIM + 8];
    float sums[MOST_HEADS][BLOCKS];
};

// What is beyond the end gets no weight; the last token is read instead.
DEVICE void load_keys(Tile& tile, const CacheLayer layer, const int* table, int kv_head, int first, int end)
{
    int group = lane_id() / 4, c = lane_id() % 4;
    const uint8* region = key_region(layer, table[first / BLOCK_TOKENS], kv_head);
#pragma unroll
    for (int row = 0; row < 2; row++)
    {
        int slot = min(first + group + 8 * row, end - 1) % BLOCK_TOKENS;
#pragma unroll
        for (int b = 0; b < BLOCKS; b++) tile.keys[b][row] = key_load(region, slot, 4 * b + c);
    }
}

DEVICE void load_values(Tile& tile, const CacheLayer layer, const int* table, int kv_head, int first, int end)
{
    int group = lane_id() / 4, c = lane_id() % 4;
    const uint8* region = value_region(layer, table[first / BLOCK_TOKENS], kv_head);
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        int slot = min(first + 2 * c + i % 2 + i / 2 * 8, end - 1) % BLOCK_TOKENS;
#pragma unroll
        for (int s = 0; s < SPANS; s++) tile.values[s][i] = value_load(region, slot, min(8 * s + group, EIGHTS - 1));
    }
}

DEVICE void keep_query(Queries& queries, int head, const float* x, float scale)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        int element = i * WARP + lane_id(), place = element / 8 * 8 + key_place(element % 8);
        float scaled = x[i] * scale;
        uint16 half = float_to_half(scaled);
        queries.halves[head][place] = half;
        queries.rests[head][place] = float_to_half(scaled - half_to_float(half));
#ifdef KEY_MINIMUM
        float sum = warp_sum(scaled);
        if (lane_id() == 0) queries.sums[head][i] = sum;
#endif
    }
}

// Queries are rotated here, and the new key and value appended, if the rotation is told; else another kernel has done both.
DEVICE void prepare(
    Queries& queries, const float* qkv, const AttentionShape shape, const StepTokens step, const CacheLayer layer, const Rotation rotation,
    const Appending appending, int token, int kv_head, int first_head, int head_count, bool is_appending, const uint8* nearest)
{
    const float* row = qkv + (long)token * shape.qkv_width;
    for (int item = threadIdx.x / WARP; item < head_count + (is_appending ? 2 : 0); item += WARPS)
    {
        int head = item < head_count ? first_head + item : shape.heads + kv_head + (item == head_count ? 0 : shape.kv_heads);
        bool is_value = item > head_count;
        float x[PER_LANE];
        if (rotation.angles) load_head(x, row + head * HEAD_DIM, rotation, token, is_value);
        else load_row(x, row + head * HEAD_DIM);
        if (item < head_count)
        {
            keep_query(queries, item, x, shape.scale);
        }
        else if (!is_value)
        {
            append_key(x, layer, step, token, kv_head, nearest);
        }
        else
        {
            keep_deferred(x, appending, token, kv_head, shape.kv_heads);
            append_value(x, layer, step, token, kv_head, appending.deferred != 0, nearest);
        }
    }
}

KERNEL __launch_bounds__(WARPS * WARP, 1) decode_attention(
    const float* qkv, const AttentionShape shape, const StepTokens step, const CacheLayer layer, const Rotation rotation, const Appending appending,
    const Partials partials, const AttentionOutput output)
{
    __shared__ __align__(16) WarpSums shared;
    __shared__ __align__(16) Queries queries;
    NEAREST_TABLE(nearest);
    let_next_start();
    int warp = threadIdx.x / WARP, lane = lane_id(), group = lane / 4, c = lane % 4, token = blockIdx.z;
    int group_heads = shape.heads / shape.kv_heads, chunks = (group_heads + HEADS - 1) / HEADS;
    int kv_head = blockIdx.y / chunks, first_head = kv_head * group_heads + blockIdx.y % chunks * HEADS;
    int head_count = min(HEADS, (kv_head + 1) * group_heads - first_head);
    int end = step.positions[token] + 1, tile_count = (end + TILE - 1) / TILE, stride = gridDim.x * WARPS;
    const int* table = step.blocks + step.tables[token];

    // All that was told before the step's first kernel. The last tile has the new token: whose block that is appends it, and reads it after. What earlier
    // steps appended stands before this one's copies to the device, and so does not have to be waited for, unless another kernel has just appended.
    bool is_appending = rotation.angles && (tile_count - 1) / WARPS % gridDim.x == blockIdx.x;
    int at = blockIdx.x * WARPS + warp;
    bool is_early = rotation.angles && at < tile_count - 1;
    Tile tile;
    if (is_early)
    {
        load_keys(tile, layer, table, kv_head, at * TILE, end);
        load_values(tile, layer, table, kv_head, at * TILE, end);
    }

    wait_for_previous();
    prepare(queries, qkv, shape, step, layer, rotation, appending, token, kv_head, first_head, head_count, is_appending, nearest);
    __syncthreads();
    if (!is_early && at < tile_count)
    {
        load_keys(tile, layer, table, kv_head, at * TILE, end);
        load_values(tile, layer, table, kv_head, at * TILE, end);
    }

    uint4 q[BLOCKS], rest[BLOCKS];
#pragma unroll
    for (int b = 0; b < BLOCKS; b++)
    {
        q[b] = rest[b] = make_uint4(0, 0, 0, 0);
        if (group >= head_count) continue;
        q[b] = *(const uint4*)&queries.halves[group][32 * b + 8 * c];
        rest[b] = *(const uint4*)&queries.rests[group][32 * b + 8 * c];
    }

    float sums[SPANS][4][4], largest[2] = { NEGATIVE_INFINITY, NEGATIVE_INFINITY }, weights[2] = { 0, 0 };
#pragma unroll
    for (int i = 0; i < SPANS * 16; i++) sums[i / 16][i / 4 % 4][i % 4] = 0;

#pragma unroll 1
    for (; at < tile_count; at += stride)
    {
        int first = at * TILE, next = (at + stride) * TILE;
        float scores[4] = { 0, 0, 0, 0 }; // token group, group + 8: two heads each
#pragma unroll
        for (int b = 0; b < BLOCKS; b++)
        {
            uint32 low[4], high[4];
            key_pairs(tile.keys[b][0], low);
            key_pairs(tile.keys[b][1], high);
            float sum[4] = { 0, 0, 0, 0 };
            multiply_tiles(sum, low[0], high[0], low[1], high[1], rest[b].x, rest[b].y);
            multiply_tiles(sum, low[2], high[2], low[3], high[3], rest[b].z, rest[b].w);
            multiply_tiles(sum, low[0], high[0], low[1], high[1], q[b].x, q[b].y);
            multiply_tiles(sum, low[2], high[2], low[3], high[3], q[b].z, q[b].w);
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                scores[i] += key_scale(tile.keys[b][i / 2]) * sum[i];
#ifdef KEY_MINIMUM
                if (2 * c + i % 2 < head_count) scores[i] += key_minimum(tile.keys[b][i / 2]) * queries.sums[2 * c + i % 2][b];
#endif
            }
        }

        if (next < end) load_keys(tile, layer, table, kv_head, next, end);
        float factors[2];
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            float& low = scores[h];
            float& high = scores[h + 2];
            if (first + group >= end) low = NEGATIVE_INFINITY;
            if (first + group + 8 >= end) high = NEGATIVE_INFINITY;
            float most = fmaxf(low, high);
#pragma unroll
            for (int mask = 4; mask < WARP; mask *= 2) most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, mask));
            most = fmaxf(most, largest[h]);
            factors[h] = exp2_fast(largest[h] - most);
            largest[h] = most;
            low = exp2_fast(low - most);
            high = exp2_fast(high - most);
            weights[h] = weights[h] * factors[h] + low + high;
        }

        uint32 early = to_halves(scores[0], scores[1]), late = to_halves(scores[2], scores[3]);
        uint32 early_rest = transposed(rest_of_halves(scores[0], scores[1], early)), late_rest = transposed(rest_of_halves(scores[2], scores[3], late));
        early = transposed(early);
        late = transposed(late);
#pragma unroll
        for (int s = 0; s < SPANS; s++)
        {
            uint32 low[8], high[8];
            value_pairs_of(tile.values[s][0], tile.values[s][1], low);
            value_pairs_of(tile.values[s][2], tile.values[s][3], high);
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
#pragma unroll
                for (int i = 0; i < 4; i++) sums[s][j][i] *= factors[i % 2];
                multiply_tiles(sums[s][j], low[2 * j], low[2 * j + 1], high[2 * j], high[2 * j + 1], early_rest, late_rest);
                multiply_tiles(sums[s][j], low[2 * j], low[2 * j + 1], high[2 * j], high[2 * j + 1], early, late);
            }
        }

        if (next < end) load_values(tile, layer, table, kv_head, next, end);
    }

#pragma unroll
    for (int h = 0; h < 2; h++)
    {
#pragma unroll
        for (int mask = 4; mask < WARP; mask *= 2) weights[h] += __shfl_xor_sync(ALL_LANES, weights[h], mask);
        int head = 2 * c + h;
        if (head >= HEADS) continue;
        if (group == 0) shared.weights[warp][head] = make_float2(largest[h], weights[h]);
#pragma unroll
        for (int s = 0; s < SPANS; s++)
        {
            if (8 * s + group >= EIGHTS) continue;
#pragma unroll
            for (int k = 0; k < 8; k++)
            {
                int place = value_place(k);
                shared.values[warp][head][(8 * s + group) * 8 + k] = sums[s][place / 2][place % 2 * 2 + h];
            }
        }
    }

    end_attention(shared, partials, output, make_int2(token, 1), first_head, head_count);
}
