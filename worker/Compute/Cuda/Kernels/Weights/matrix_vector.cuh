// Matrices times quantized activations of up to TOKENS tokens: a warp has ROWS rows, its lanes take blocks of 32 columns in turn. The
// first weights are on their way before the activations are there. Included once for each TOKENS.

#define ROWS 2
#define MAX_MATRICES 4
#ifndef MATRIX_GROUP
#define MATRIX_GROUP
#if CODE_BITS == 8
#define UNROLL 2
#else
#define UNROLL 4
#endif

struct MatrixGroup
{
    MatrixPlanes matrices[MAX_MATRICES];
    int count;
};
#endif

#define NAME2(prefix, tokens) prefix##tokens
#define NAME1(prefix, tokens) NAME2(prefix, tokens)

KERNEL NAME1(matrix_vector_, TOKENS)(
    const MatrixGroup group, int blocks, const uint4* codes, const float2* scales, int tokens, int output_width, float* output)
{
    int row = (blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP) * ROWS, index = 0;
#pragma unroll
    for (int i = 0; i < MAX_MATRICES - 1; i++)
    {
        int padded = (group.matrices[i].rows + ROWS - 1) / ROWS * ROWS;
        if (index == i && i + 1 < group.count && row >= padded)
        {
            row -= padded;
            index++;
        }
    }

    MatrixPlanes m = group.matrices[0];
#pragma unroll
    for (int i = 1; i < MAX_MATRICES; i++)
    {
        if (index == i) m = group.matrices[i];
    }

    bool has_row = row < m.rows;
    int second = row + 1 < m.rows ? 1 : 0;
    long start[ROWS] = { (long)row * blocks, (long)(row + second) * blocks };
    Block w[ROWS][UNROLL];
    if (has_row)
    {
#pragma unroll
        for (int u = 0; u < UNROLL; u++)
        {
            int block = lane_id() + u * WARP;
#pragma unroll
            for (int r = 0; r < ROWS; r++)
            {
                if (block < blocks) w[r][u] = load_block(m, start[r] + block);
            }
        }
    }

    wait_for_previous();
    let_next_start();
    if (!has_row) return;
    float sums[ROWS][TOKENS];
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
        for (int t = 0; t < TOKENS; t++) sums[r][t] = 0;

    for (int first = lane_id(); first < blocks; first += UNROLL * WARP)
    {
#pragma unroll
        for (int u = 0; u < UNROLL; u++)
        {
            int block = first + u * WARP;
            if (block >= blocks) break;
#pragma unroll
            for (int t = 0; t < TOKENS; t++)
            {
                long place = (long)(t < tokens ? t : 0) * blocks + block;
                uint4 low = codes[2 * place], high = codes[2 * place + 1];
                int activations[8] = { (int)low.x, (int)low.y, (int)low.z, (int)low.w, (int)high.x, (int)high.y, (int)high.z, (int)high.w };
                float2 scale = scales[place];
#pragma unroll
                for (int r = 0; r < ROWS; r++) sums[r][t] += block_product(w[r][u], activations, scale);
            }
        }

#pragma unroll
        for (int u = 0; u < UNROLL; u++)
        {
            int block = first + (UNROLL + u) * WARP;
#pragma unroll
            for (int r = 0; r < ROWS; r++)
            {
                if (block < blocks) w[r][u] = load_block(m, start[r] + block);
            }
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; r++)
    {
#pragma unroll
        for (int t = 0; t < TOKENS; t++)
        {
            float sum = warp_sum(sums[r][t]);
            if (lane_id() == 0 && t < tokens && r <= second)
                output[(long)t * output_width + m.first_output + row + r] = sum + (m.bias ? m.bias[row + r] : 0.0f);
        }
    }
}
