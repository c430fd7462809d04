// Causal grouped-query attention over the cache, split over the context (flash decoding). A work-group has up to ROWS query rows, some heads of
// one KV head for some neighbouring tokens of a sequence; it takes tiles of ITEMS cached tokens in turn. An item scores one of the tile's keys
// for all rows, then adds up pairs of elements of the values for all rows. attention_merge.cl puts the splits together.
#include "prelude.cl"
#include "types.cuh"
#include "cache_levels.cl"

#define ROW_TYPE KEY_TYPE
#define ROW(name) key_##name
#include "row.cl"
#undef ROW_TYPE
#undef ROW
#define ROW_TYPE VALUE_TYPE
#define ROW(name) value_##name
#include "row.cl"
#undef ROW_TYPE
#undef ROW

#define ITEMS 64
#define PAIRS (HEAD_DIM / 2)
#define PAIR_ITEMS (PAIRS < ITEMS ? PAIRS : ITEMS)
#define OWN ((PAIRS + ITEMS - 1) / ITEMS)               // pairs of an item
#define GROUPS (PAIRS < ITEMS ? ITEMS / PAIRS : 1)      // items that share a pair take cached tokens in turn

// Grid: splits, KV heads times chunks of their query heads, tiles of the step's tokens, (first, count) each.
GROUP_OF(ITEMS) KERNEL attention(
    const GLOBAL float* qkv, int heads, int kv_heads, int chunk_heads, float scale, const GLOBAL int* step, int tokens, const GLOBAL int2* tiles,
    const GLOBAL uchar* keys, const GLOBAL uchar* values, GLOBAL float* sums, GLOBAL float2* weights)
{
    LOCAL float q[ROWS][HEAD_DIM], scores[ROWS][ITEMS], merged[ROWS][GROUPS * HEAD_DIM];
    LOCAL float largest[ROWS], factors[ROWS];
    LOCAL float totals[ROWS][ITEMS]; // of the weights of an item's own cached tokens: here, as PoCL 5.0 now and then loses a private array from tile to tile
    LOCAL int places[ITEMS];
    int item = get_local_id(0), split = get_group_id(0), splits = get_num_groups(0);
    int group_heads = heads / kv_heads, chunks = (group_heads + chunk_heads - 1) / chunk_heads;
    int kv_head = get_group_id(1) / chunks, first_head = kv_head * group_heads + get_group_id(1) % chunks * chunk_heads;
    int head_count = min(chunk_heads, (kv_head + 1) * group_heads - first_head);
    int2 tile = tiles[get_group_id(2)];
    int first_position = step[tile.x], end = first_position + tile.y;
    const GLOBAL int* table = step + 2 * tokens + step[tokens + tile.x];

    // Row r is head r % chunk_heads of token r / chunk_heads; what has no row of its own repeats another's.
    for (int i = item; i < ROWS * HEAD_DIM; i += ITEMS)
    {
        int r = i / HEAD_DIM, token = tile.x + min(r / chunk_heads, tile.y - 1), head = first_head + min(r % chunk_heads, head_count - 1);
        q[r][i % HEAD_DIM] = qkv[((long)token * (heads + 2 * kv_heads) + head) * HEAD_DIM + i % HEAD_DIM] * scale;
    }

    if (item < ROWS) largest[item] = -INFINITY;
    int pair = item % PAIR_ITEMS, group = item / PAIR_ITEMS;
    float2 own[ROWS][OWN];
    for (int r = 0; r < ROWS; r++)
    {
        totals[r][item] = 0;
        for (int i = 0; i < OWN; i++) own[r][i] = 0;
    }

    meet();
    for (int base = split * ITEMS; base < end; base += splits * ITEMS)
    {
        // What is beyond the end gets no weight; it scores the last token instead.
        int position = min(base + item, end - 1), place = table[position / BLOCK_TOKENS] * kv_heads + kv_head;
        places[item] = place;
        float dots[ROWS];
        for (int r = 0; r < ROWS; r++) dots[r] = 0;
        for (int eight = 0; eight < HEAD_DIM / 8; eight++)
        {
            float8 key = key_load(key_region(keys, place), position % BLOCK_TOKENS, eight);
            for (int r = 0; r < ROWS; r++)
            {
                float8 p = key * vload8(eight, q[r]);
                dots[r] += p.s0 + p.s1 + p.s2 + p.s3 + (p.s4 + p.s5 + p.s6 + p.s7);
            }
        }

        for (int r = 0; r < ROWS; r++)
            scores[r][item] = base + item < end && base + item <= first_position + r / chunk_heads ? dots[r] : -INFINITY;
        meet();
        if (item < ROWS)
        {
            float next = largest[item];
            for (int k = 0; k < ITEMS; k++) next = fmax(next, scores[item][k]);
            factors[item] = next == -INFINITY ? 1.0f : exp2(largest[item] - next);
            largest[item] = next;
        }

        meet();
        for (int r = 0; r < ROWS; r++)
        {
            float weight = largest[r] == -INFINITY ? 0.0f : exp2(scores[r][item] - largest[r]);
            scores[r][item] = weight;
            totals[r][item] = totals[r][item] * factors[r] + weight;
            for (int i = 0; i < OWN; i++) own[r][i] *= factors[r];
        }

        meet();

        int count = group < GROUPS ? min(ITEMS, end - base) : 0;
        for (int k = group; k < count; k += GROUPS)
        {
            const GLOBAL uchar* region = value_region(values, places[k]);
            for (int i = 0; i < OWN; i++)
            {
                if (pair + i * ITEMS >= PAIRS) break;
                float2 value = value_pair(region, (base + k) % BLOCK_TOKENS, pair + i * ITEMS);
                for (int r = 0; r < ROWS; r++) own[r][i] += scores[r][k] * value;
            }
        }

        meet();
    }

    for (int r = 0; r < ROWS; r++)
    {
        for (int i = 0; i < OWN; i++)
        {
            int mine = pair + i * ITEMS;
            if (mine >= PAIRS || group >= GROUPS) break;
            merged[r][group * HEAD_DIM + value_element(mine, 0)] = own[r][i].x;
            merged[r][group * HEAD_DIM + value_element(mine, 1)] = own[r][i].y;
        }
    }

    meet();
    for (int i = item; i < ROWS * HEAD_DIM; i += ITEMS)
    {
        int r = i / HEAD_DIM, element = i % HEAD_DIM;
        if (r / chunk_heads >= tile.y || r % chunk_heads >= head_count) continue;
        float sum = 0;
        for (int k = 0; k < GROUPS; k++) sum += merged[r][k * HEAD_DIM + element];
        long part = ((long)(tile.x + r / chunk_heads) * heads + first_head + r % chunk_heads) * splits + split;
        sums[part * HEAD_DIM + element] = sum;
        if (element != 0) continue;
        float total = 0;
        for (int k = 0; k < ITEMS; k++) total += totals[r][k];
        weights[part] = (float2)(largest[r], total);
    }
}
