// Attention of steps of several tokens a sequence, on tensor cores, of types that f16 holds: causal, over the cache, split over the context where there
// are few tokens. A block has ROWS rows, the HEADS query heads of a KV head of each of up to TOKENS neighbouring tokens of a sequence, and each of its
// WARPS warps 16 of them; TILE cached tokens at a time become f16 in shared memory, for all of them.
//
// With group = lane / 4 and c = lane % 4 a lane has rows group and group + 8 of its warp's; of scores it has tokens 2c and 2c + 1 of each eight, of sums
// elements 2c and 2c + 1 of each eight.
#define ROWS (HEADS * TOKENS)
#define MERGED_WARPS 1
#define MAX_SPLITS 16
#include "layer.cuh"
#include "hadamard.cuh"
#include "attention_end.cuh"

#define TILE (HEAD_DIM <= 128 ? 64 : 32)
#define PITCH (HEAD_DIM + 8) // of a row in shared memory: eight rows are in different banks

struct SharedTile
{
    uint16 keys[TILE][PITCH];
    uint16 values[TILE][PITCH];
};

union Shared
{
    SharedTile tile;
    WarpSums sums;
};

// Four 8 × 8 matrices, of which lanes 8i to 8i + 7 name the rows of matrix i: a lane gets elements 2c and 2c + 1 of row group of each.
DEVICE void load_matrices(uint32* m, const uint16* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3]) : "r"((uint32)__cvta_generic_to_shared(row)) : "memory");
}

// The same, each transposed.
DEVICE void load_transposed(uint32* m, const uint16* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3]) : "r"((uint32)__cvta_generic_to_shared(row)) : "memory");
}

// What is beyond the end gets no weight; the last token is read instead.
DEVICE void load_tile(SharedTile& tile, const CacheLayer layer, const int* table, int kv_head, int first, int end)
{
    for (int i = threadIdx.x; i < TILE * EIGHTS; i += WARPS * WARP)
    {
        int token = min(first + i / EIGHTS, end - 1), eight = i % EIGHTS, block = table[token / BLOCK_TOKENS], slot = token % BLOCK_TOKENS;
        uint32 key[4], value[4];
        key_elements(key_load(key_region(layer, block, kv_head), slot, eight), key);
        value_elements(value_load(value_region(layer, block, kv_head), slot, eight), value);
        *(uint4*)&tile.keys[i / EIGHTS][eight * 8] = make_uint4(key[0], key[1], key[2], key[3]);
        *(uint4*)&tile.values[i / EIGHTS][eight * 8] = make_uint4(value[0], value[1], value[2], value[3]);
    }
}

// Sixteen columns of the warp's rows of the queries, as halves and what those leave.
struct QueryPart
{
    uint32 halves[4];
    uint32 rests[4];
};

DEVICE QueryPart query_part(const float* low, const float* high, int column, float scale)
{
    QueryPart q;
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        const float* row = i % 2 ? high : low;
        float2 x = make_float2(0, 0);
#pragma unroll
        for (int k = 0; k < 8; k++)
        {
            // The element that stands in the column, of the eight that it is in.
            if (key_place(k) == 2 * (lane_id() % 4)) x.x = row[column + i / 2 * 8 + k] * scale;
            if (key_place(k) == 2 * (lane_id() % 4) + 1) x.y = row[column + i / 2 * 8 + k] * scale;
        }

        q.halves[i] = to_halves(x.x, x.y);
        q.rests[i] = rest_of_halves(x.x, x.y, q.halves[i]);
    }

    return q;
}

KERNEL __launch_bounds__(WARPS * WARP, 2) prompt_attention(
    const float* qkv, const AttentionShape shape, const StepTokens step, const int2* tiles, const CacheLayer layer, const Partials partials,
    const AttentionOutput output)
{
    __shared__ __align__(16) Shared shared;
    let_next_start();
    wait_for_previous();
    int warp = threadIdx.x / WARP, lane = lane_id(), group = lane / 4, c = lane % 4;
    int group_heads = shape.heads / shape.kv_heads, chunks = (group_heads + HEADS - 1) / HEADS;
    int kv_head = blockIdx.y / chunks, first_head = kv_head * group_heads + blockIdx.y % chunks * HEADS;
    int head_count = min(HEADS, (kv_head + 1) * group_heads - first_head);
    int2 tile_tokens = tiles[blockIdx.z]; // (first, count)
    int first_position = step.positions[tile_tokens.x], end = first_position + tile_tokens.y, tile_count = (end + TILE - 1) / TILE;
    const int* table = step.blocks + step.tables[tile_tokens.x];

    // Rows that nothing belongs to are others once more; they are not written.
    int position[2];
    const float* rows[2];
#pragma unroll
    for (int i = 0; i < 2; i++)
    {
        int row = min(warp * 16 + group + 8 * i, ROWS - 1), token = min(row / HEADS, tile_tokens.y - 1), head = min(row % HEADS, head_count - 1);
        position[i] = first_position + token;
        rows[i] = qkv + (long)(tile_tokens.x + token) * shape.qkv_width + (first_head + head) * HEAD_DIM;
    }

    QueryPart q[HEAD_DIM / 16];
#pragma unroll
    for (int j = 0; j < HEAD_DIM / 16; j++) q[j] = query_part(rows[0], rows[1], 16 * j, shape.scale);
    float sums[HEAD_DIM / 8][4], largest[2] = { NEGATIVE_INFINITY, NEGATIVE_INFINITY }, weights[2] = { 0, 0 };
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 2; i++) sums[i / 4][i % 4] = 0;

#pragma unroll 1
    for (int at = blockIdx.x; at < tile_count; at += gridDim.x)
    {
        int first = at * TILE;
        __syncthreads();
        load_tile(shared.tile, layer, table, kv_head, first, end);
        __syncthreads();
        float scores[TILE / 8][4];
#pragma unroll
        for (int n = 0; n < TILE / 8; n++)
        {
#pragma unroll
            for (int i = 0; i < 4; i++) scores[n][i] = 0;
#pragma unroll
            for (int j = 0; j < HEAD_DIM / 16; j += 2)
            {
                uint32 keys[4];
                load_matrices(keys, &shared.tile.keys[8 * n + lane % 8][16 * j + lane / 8 * 8]);
#pragma unroll
                for (int k = 0; k < 2; k++)
                {
                    const QueryPart& part = q[j + k];
                    multiply_tiles(scores[n], part.rests[0], part.rests[1], part.rests[2], part.rests[3], keys[2 * k], keys[2 * k + 1]);
                    multiply_tiles(scores[n], part.halves[0], part.halves[1], part.halves[2], part.halves[3], keys[2 * k], keys[2 * k + 1]);
                }
            }
        }

#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            float most = largest[r];
#pragma unroll
            for (int n = 0; n < TILE / 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 2; i++)
                {
                    float& score = scores[n][2 * r + i];
                    if (first + 8 * n + 2 * c + i > position[r]) score = NEGATIVE_INFINITY;
                    most = fmaxf(most, score);
                }
            }

            most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, 1));
            most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, 2));
            float reference = most == NEGATIVE_INFINITY ? 0.0f : most, factor = exp2_fast(largest[r] - reference), weight = 0;
            largest[r] = most;
#pragma unroll
            for (int n = 0; n < TILE / 8; n++)
            {
#pragma unroll
                for (int i = 0; i < 2; i++) weight += scores[n][2 * r + i] = exp2_fast(scores[n][2 * r + i] - reference);
            }

            weights[r] = weights[r] * factor + weight;
#pragma unroll
            for (int d = 0; d < HEAD_DIM / 8; d++) sums[d][2 * r] *= factor, sums[d][2 * r + 1] *= factor;
        }

#pragma unroll
        for (int t = 0; t < TILE / 16; t++)
        {
            uint32 p[4], rest[4];
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                const float* pair = &scores[2 * t + i / 2][i % 2 * 2];
                p[i] = to_halves(pair[0], pair[1]);
                rest[i] = rest_of_halves(pair[0], pair[1], p[i]);
            }

#pragma unroll
            for (int d = 0; d < HEAD_DIM / 8; d += 2)
            {
                uint32 values[4];
                load_transposed(values, &shared.tile.values[16 * t + lane / 8 % 2 * 8 + lane % 8][8 * (d + lane / 16)]);
#pragma unroll
                for (int k = 0; k < 2; k++)
                {
                    multiply_tiles(sums[d + k], rest[0], rest[1], rest[2], rest[3], values[2 * k], values[2 * k + 1]);
                    multiply_tiles(sums[d + k], p[0], p[1], p[2], p[3], values[2 * k], values[2 * k + 1]);
                }
            }
        }
    }

    __syncthreads();
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        weights[r] += __shfl_xor_sync(ALL_LANES, weights[r], 1);
        weights[r] += __shfl_xor_sync(ALL_LANES, weights[r], 2);
        int row = warp * 16 + group + 8 * r;
        if (row >= ROWS) continue;
        if (c == 0) shared.sums.weights[0][row] = make_float2(largest[r], weights[r]);
#pragma unroll
        for (int d = 0; d < HEAD_DIM / 8; d++)
        {
#pragma unroll
            for (int k = 0; k < 8; k++)
            {
                // The two of the eight that this lane has.
                if (value_place(k) / 2 == c) shared.sums.values[0][row][8 * d + k] = sums[d][2 * r + value_place(k) % 2];
            }
        }
    }

    end_attention(shared.sums, partials, output, tile_tokens, first_head, head_count);
}
