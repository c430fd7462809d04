// Causal grouped-query attention over the cache, split over the context (flash decoding). A block has HEADS query heads of one KV head,
// of TOKENS neighbouring tokens of a sequence; its WARPS warps, and those of the other splits, take tiles of up to 32 cached tokens in turn, each
// with a softmax of its own. Warps are merged in shared memory, splits by the block that ends last.
//
// Within a warp LANES lanes share a cached token, eight elements each, and GROUPS such groups take tokens in turn.
#define ROWS (HEADS * TOKENS)
#include "layer.cuh"
#include "hadamard.cuh"
#include "attention_end.cuh"

#define TILE WARP
#define LANES (EIGHTS <= 1 ? 1 : EIGHTS <= 2 ? 2 : EIGHTS <= 4 ? 4 : EIGHTS <= 8 ? 8 : EIGHTS <= 16 ? 16 : 32)
#define GROUPS (WARP / LANES)
#define BATCH (LANES < 4 ? LANES : 4)

// Whether keys and values are asked for before those before them are used: where a block has few tokens there are registers for it, and waits are long.
#define LOADS_AHEAD (TOKENS == 1)

// Sums N values over the lanes of a group, each lane keeping only a part of them where it can; returns how many it keeps, and in
// *first which.
template <int N, int MASK>
DEVICE int group_sum(float* v, int* first)
{
    if constexpr (MASK == 0)
    {
        return N;
    }
    else if constexpr (N % 2 == 0)
    {
        bool upper = (lane_id() & MASK) != 0;
#pragma unroll
        for (int i = 0; i < N / 2; i++)
        {
            float sent = upper ? v[i] : v[i + N / 2], kept = upper ? v[i + N / 2] : v[i];
            v[i] = kept + __shfl_xor_sync(ALL_LANES, sent, MASK);
        }

        if (upper) *first += N / 2;
        return group_sum<N / 2, MASK / 2>(v, first);
    }
    else
    {
#pragma unroll
        for (int i = 0; i < N; i++) v[i] += __shfl_xor_sync(ALL_LANES, v[i], MASK);
        return group_sum<N, MASK / 2>(v, first);
    }
}

KERNEL attention(
    const float* qkv, const AttentionShape shape, const StepTokens step, const int2* tiles, const CacheLayer layer, const Partials partials,
    const AttentionOutput output)
{
    __shared__ float scores[WARPS][TILE][ROWS];
    __shared__ __align__(16) WarpSums shared;

    let_next_start();
    wait_for_previous();
    int warp = threadIdx.x / WARP, lane = lane_id(), group = lane / LANES, eight = lane % LANES;
    int group_heads = shape.heads / shape.kv_heads, chunks = (group_heads + HEADS - 1) / HEADS;
    int kv_head = blockIdx.y / chunks, first_head = kv_head * group_heads + blockIdx.y % chunks * HEADS;
    int head_count = min(HEADS, (kv_head + 1) * group_heads - first_head);
    int2 tile_tokens = TOKENS > 1 ? tiles[blockIdx.z] : make_int2(blockIdx.z, 1); // (first, count)
    int first_position = step.positions[tile_tokens.x], end = first_position + tile_tokens.y;
    const int* table = step.blocks + step.tables[tile_tokens.x];
    bool has_elements = eight < EIGHTS;

    float q[ROWS][8], sums[ROWS][8], largest[ROWS], weights[ROWS], query_sums[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++)
    {
        int token = tile_tokens.x + min(r / HEADS, tile_tokens.y - 1), head = first_head + min(r % HEADS, head_count - 1);
        const float* source = qkv + (long)token * shape.qkv_width + head * HEAD_DIM + eight * 8;
        largest[r] = NEGATIVE_INFINITY;
        weights[r] = query_sums[r] = 0;
        float4 low = make_float4(0, 0, 0, 0), high = low;
        if (has_elements) low = ((const float4*)source)[0], high = ((const float4*)source)[1];
        float elements[8] = { low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w };
#pragma unroll
        for (int k = 0; k < 8; k++)
        {
            q[r][k] = elements[k] * shape.scale;
            query_sums[r] += q[r][k];
            sums[r][k] = 0;
        }
    }

    int tile_count = (end + shape.tile - 1) / shape.tile, batches = shape.tile / GROUPS;
    for (int tile = blockIdx.x * WARPS + warp; tile < tile_count; tile += gridDim.x * WARPS)
    {
        // What is beyond the end gets no weight; it reads the last token instead.
        int base = tile * shape.tile, own = min(base + lane, end - 1);
        int own_block = table[own / BLOCK_TOKENS], own_slot = own % BLOCK_TOKENS;
        auto load_keys = [&](int batch, key_Raw* raw)
        {
#pragma unroll
            for (int j = 0; j < BATCH; j++)
            {
                int member = (batch + j) * GROUPS + group;
                int block = __shfl_sync(ALL_LANES, own_block, member), slot = __shfl_sync(ALL_LANES, own_slot, member);
                raw[j] = key_load(key_region(layer, block, kv_head), slot, has_elements ? eight : 0);
            }
        };
        auto load_values = [&](int batch, value_Raw* raw)
        {
#pragma unroll
            for (int j = 0; j < BATCH; j++)
            {
                int member = (batch + j) * GROUPS + group;
                int block = __shfl_sync(ALL_LANES, own_block, member), slot = __shfl_sync(ALL_LANES, own_slot, member);
                raw[j] = value_load(value_region(layer, block, kv_head), slot, has_elements ? eight : 0);
            }
        };

        key_Raw next_keys[BATCH];
        value_Raw next_values[BATCH];
        if (LOADS_AHEAD) load_keys(0, next_keys);
#pragma unroll 1
        for (int batch = 0; batch < batches; batch += BATCH)
        {
            key_Raw raw[BATCH];
            if (LOADS_AHEAD)
            {
#pragma unroll
                for (int j = 0; j < BATCH; j++) raw[j] = next_keys[j];
                if (batch + BATCH < batches) load_keys(batch + BATCH, next_keys);
                else load_values(0, next_values);
            }
            else
            {
                load_keys(batch, raw);
            }

            float products[BATCH * ROWS];
#pragma unroll
            for (int j = 0; j < BATCH; j++)
            {
                float key[8];
                key_unpack(raw[j], key);
                float scale = key_scale(raw[j]), minimum = key_minimum(raw[j]);
#pragma unroll
                for (int r = 0; r < ROWS; r++)
                {
                    float product = 0;
#pragma unroll
                    for (int k = 0; k < 8; k++) product += q[r][k] * key[k];
                    products[j * ROWS + r] = scale * product + minimum * query_sums[r];
                }
            }

            int first = 0, kept = group_sum<BATCH * ROWS, LANES / 2>(products, &first);
#pragma unroll
            for (int i = 0; i < BATCH * ROWS; i++)
            {
                if (i >= kept) break;
                int index = first + i;
                scores[warp][(batch + index / ROWS) * GROUPS + group][index % ROWS] = products[i];
            }
        }

        __syncwarp();
#pragma unroll
        for (int r = 0; r < ROWS; r++)
        {
            bool is_seen = lane < shape.tile && base + lane < end && base + lane <= first_position + r / HEADS;
            float score = is_seen ? scores[warp][lane][r] : NEGATIVE_INFINITY;
            float next = fmaxf(largest[r], warp_max(score));
            float reference = next == NEGATIVE_INFINITY ? 0.0f : next;
            float weight = exp2_fast(score - reference), factor = exp2_fast(largest[r] - reference);
            largest[r] = next;
            weights[r] = weights[r] * factor + weight;
            scores[warp][lane][r] = weight;
#pragma unroll
            for (int k = 0; k < 8; k++) sums[r][k] *= factor;
        }

        __syncwarp();
#pragma unroll 1
        for (int batch = 0; batch < batches; batch += BATCH)
        {
            value_Raw raw[BATCH];
            if (LOADS_AHEAD)
            {
#pragma unroll
                for (int j = 0; j < BATCH; j++) raw[j] = next_values[j];
                if (batch + BATCH < batches) load_values(batch + BATCH, next_values);
            }
            else
            {
                load_values(batch, raw);
            }

#pragma unroll
            for (int j = 0; j < BATCH; j++)
            {
                float value[8];
                value_unpack(raw[j], value);
                float scale = value_scale(raw[j]), minimum = value_minimum(raw[j]);
                const float* member_weights = scores[warp][(batch + j) * GROUPS + group];
#pragma unroll
                for (int r = 0; r < ROWS; r++)
                {
                    float weight = member_weights[r] * scale, offset = member_weights[r] * minimum;
#pragma unroll
                    for (int k = 0; k < 8; k++) sums[r][k] += weight * value[k] + offset;
                }
            }
        }

        __syncwarp();
    }

#pragma unroll
    for (int r = 0; r < ROWS; r++)
    {
        weights[r] = warp_sum(weights[r]);
        if (lane == 0) shared.weights[warp][r] = make_float2(largest[r], weights[r]);
#pragma unroll
        for (int k = 0; k < 8; k++)
        {
#pragma unroll
            for (int mask = LANES; mask < WARP; mask *= 2) sums[r][k] += __shfl_xor_sync(ALL_LANES, sums[r][k], mask);
            if (group == 0 && has_elements) shared.values[warp][r][eight * 8 + k] = sums[r][k];
        }
    }

    end_attention(shared, partials, output, tile_tokens, first_head, head_count);
}
