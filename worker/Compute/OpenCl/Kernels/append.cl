// Appends a step's keys, or its values, to the cache. A work-group a head of a token, an item an element; ROW_TYPE is set.
#include "prelude.cl"
#include "types.cuh"
#include "cache_levels.cl"
#include "row_layout.cl"
#if ROW_BITS < 8
#include "scale_fit.cl"
#endif

DEVICE float inverse_of(float scale) { return scale != 0 ? 1 / scale : 0.0f; }

// Where a step's tokens are: positions, then where in the table of blocks each token's sequence begins, then that table.
DEVICE int place_of(const GLOBAL int* step, int tokens, int token, int kv_heads, int head, int* slot)
{
    int position = step[token];
    *slot = position % BLOCK_TOKENS;
    return step[2 * tokens + step[tokens + token] + position / BLOCK_TOKENS] * kv_heads + head;
}

// Writes a row: of each element its code, or its bits.
DEVICE void store(GLOBAL uchar* region, int slot, int element, uint code, float scale, float minimum, LOCAL uint* codes)
{
    long first = (long)slot * HEAD_DIM;
#if ROW_BITS == 32
    ((GLOBAL uint*)region)[first + element] = code;
#elif ROW_BITS == 16
    ((GLOBAL ushort*)region)[first + element] = (ushort)code;
#else
#if ROW_BITS == 8
    region[first + element] = (uchar)code;
#else
    codes[element] = code;
    meet();
    int member = element % 32, block = element - member;
    if (member < 16) region[(first + block) / 2 + member] = (uchar)((code & 15) | (codes[element + 16] & 15) << 4);
#if ROW_BITS == 5
    if (member < 4)
    {
        uint bits = 0;
        for (int k = 0; k < 8; k++) bits |= (codes[block + 8 * member + k] >> 4) << k;
        (region + ROW_HIGH)[(first + block) / 8 + member] = (uchar)bits;
    }
#endif
#endif
    if (element % 32 != 0) return;
    GLOBAL ushort* target = (GLOBAL ushort*)(region + ROW_SCALES) + (first + element) / 32 * (ROW_SCALE_BYTES / 2);
    target[0] = float_to_half(scale);
#ifdef ROW_MINIMUM
    target[1] = float_to_half(minimum);
#endif
#endif
}

#if ROW_BITS >= 8
GROUP_OF(HEAD_DIM) KERNEL append(
    const GLOBAL float* rows, int row_width, int first_column, const GLOBAL int* step, int tokens, int kv_heads, GLOBAL uchar* cache)
{
    LOCAL float x[HEAD_DIM];
    int token = get_group_id(0), head = get_group_id(1), element = get_local_id(0), slot;
    GLOBAL uchar* region = cache + (long)place_of(step, tokens, token, kv_heads, head, &slot) * ROW_REGION;
    float own = rows[(long)token * row_width + first_column + head * HEAD_DIM + element], scale = 0;
    x[element] = own;
    meet();
#if ROW_BITS == 8
    float largest = 0;
    for (int k = 0; k < 32; k++) largest = fmax(largest, fabs(x[element / 32 * 32 + k]));
    scale = largest / 127;
    // The float below 1/2: halves go away from zero and nothing else up.
    uint code = (uint)(int)(own * inverse_of(scale) + copysign(0.49999997f, own));
#else
    uint code = ROW_TYPE == TYPE_F32 ? as_uint(own) : ROW_TYPE == TYPE_F16 ? float_to_half(own) : float_to_bfloat(own);
#endif
    store(region, slot, element, code, scale, 0, 0);
}
#else
// Each code to the nearest level.
GROUP_OF(HEAD_DIM) KERNEL append(
    const GLOBAL float* rows, int row_width, int first_column, const GLOBAL int* step, int tokens, int kv_heads, GLOBAL uchar* cache)
{
    LOCAL float x[HEAD_DIM], trials[3 * HEAD_DIM];
    LOCAL uint codes[HEAD_DIM];
    int token = get_group_id(0), head = get_group_id(1), element = get_local_id(0), slot;
    GLOBAL uchar* region = cache + (long)place_of(step, tokens, token, kv_heads, head, &slot) * ROW_REGION;
    float own = rows[(long)token * row_width + first_column + head * HEAD_DIM + element];
    x[element] = own;
    meet();
    float2 scale = fit(x, trials, element);
    uint code = nearest_code((own - scale.y) * inverse_of(scale.x));
    store(region, slot, element, code, scale.x, scale.y + FIRST_LEVEL * scale.x, codes);
}

// Values' codes one after the other, so that what the output projection makes of the errors stays small, then each once more with all others
// known (the host's OutputWeights says how).
GROUP_OF(HEAD_DIM) KERNEL append_weighted(
    const GLOBAL float* rows, int row_width, int first_column, const GLOBAL int* step, int tokens, int kv_heads, GLOBAL uchar* cache,
    const GLOBAL float* weights)
{
    LOCAL float x[HEAD_DIM], trials[3 * HEAD_DIM], chosen[2];
    LOCAL uint codes[HEAD_DIM];
    int token = get_group_id(0), head = get_group_id(1), element = get_local_id(0), slot;
    GLOBAL uchar* region = cache + (long)place_of(step, tokens, token, kv_heads, head, &slot) * ROW_REGION;
    float own = rows[(long)token * row_width + first_column + head * HEAD_DIM + element];
    x[element] = own;
    meet();
    float2 scale = fit(x, trials, element);

    // Of each head: its Gram matrix, what errors pull later elements by, and the inverse of the diagonal.
    const GLOBAL float* gram = weights + (long)head * (2 * HEAD_DIM + 1) * HEAD_DIM;
    const GLOBAL float* feedback = gram + HEAD_DIM * HEAD_DIM;
    float diagonal = feedback[HEAD_DIM * HEAD_DIM + element], inverse = inverse_of(scale.x), error = 0, pull = 0, gradient = 0;
    uint code = 0;
    for (int k = 0; k < HEAD_DIM; k++)
    {
        if (element == k)
        {
            code = nearest_code((own - pull - scale.y) * inverse);
            error = scale.x * level(code) + scale.y - own;
            chosen[k & 1] = error;
        }

        meet();
        pull += feedback[k * HEAD_DIM + element] * chosen[k & 1];
        gradient += gram[k * HEAD_DIM + element] * chosen[k & 1];
    }

    meet();
    for (int k = 0; k < HEAD_DIM; k++)
    {
        if (element == k)
        {
            code = nearest_code((own + error - gradient * diagonal - scale.y) * inverse);
            float next = scale.x * level(code) + scale.y - own;
            chosen[k & 1] = next - error;
            error = next;
        }

        meet();
        gradient += gram[k * HEAD_DIM + element] * chosen[k & 1];
    }

    store(region, slot, element, code, scale.x, scale.y + FIRST_LEVEL * scale.x, codes);
}
#endif
