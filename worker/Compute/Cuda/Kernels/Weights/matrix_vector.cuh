// Matrices times quantized activations of up to TOKENS tokens. Warps take rows of all matrices in turn, their lanes blocks of 32 columns;
// while a chunk of a row is multiplied the next one's weights are on their way, and the first before the activations are there.
// Included once for each TOKENS.

// Blocks of a lane that are on their way at once.
#define UNROLL 4

#define NAME2(prefix, tokens) prefix##tokens
#define NAME1(prefix, tokens) NAME2(prefix, tokens)

KERNEL NAME1(matrix_vector_, TOKENS)(
    const MatrixGroup group, int blocks, const uint4* codes, const float2* scales, int tokens, int output_width, float* output)
{
    let_next_start();
    int warps = gridDim.x * (blockDim.x / WARP), row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP, first = lane_id(), own;
    MatrixPlanes m = matrix_of(group, row, &own);
    Block w[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; u++)
    {
        if (row < group.rows && first + u * WARP < blocks) w[u] = load_block(m, (long)own * blocks + first + u * WARP);
    }

    float sums[TOKENS];
#pragma unroll
    for (int t = 0; t < TOKENS; t++) sums[t] = 0;
    wait_for_previous();
    while (row < group.rows)
    {
        int place = m.first_output + own, next_row = row, next_first = first + UNROLL * WARP;
        float bias = m.bias && lane_id() == 0 ? m.bias[own] : 0.0f;
        if (next_first - lane_id() >= blocks)
        {
            next_row += warps;
            next_first = lane_id();
            m = matrix_of(group, next_row, &own);
        }

        Block next[UNROLL];
#pragma unroll
        for (int u = 0; u < UNROLL; u++)
        {
            if (next_row < group.rows && next_first + u * WARP < blocks) next[u] = load_block(m, (long)own * blocks + next_first + u * WARP);
        }

#pragma unroll
        for (int u = 0; u < UNROLL; u++)
        {
            int block = first + u * WARP;
            if (block >= blocks) break;
#pragma unroll
            for (int t = 0; t < TOKENS; t++)
            {
                int source = (t < tokens ? t : 0) * blocks + block;
                uint4 low = codes[2 * source], high = codes[2 * source + 1];
                int activations[8] = { (int)low.x, (int)low.y, (int)low.z, (int)low.w, (int)high.x, (int)high.y, (int)high.z, (int)high.w };
                sums[t] += block_product(w[u], activations, scales[source]);
            }
        }

        if (next_row != row)
        {
#pragma unroll
            for (int t = 0; t < TOKENS; t++)
            {
                float sum = warp_sum(sums[t]);
                if (lane_id() == 0 && t < tokens) output[(long)t * output_width + place] = sum + bias;
                sums[t] = 0;
            }
        }

        row = next_row;
        first = next_first;
#pragma unroll
        for (int u = 0; u < UNROLL; u++) w[u] = next[u];
    }
}
