// Matrices of plain elements times f32 activations of up to TOKENS tokens: a warp a row. Included once for each TOKENS.

#define NAME2(prefix, tokens) prefix##tokens
#define NAME1(prefix, tokens) NAME2(prefix, tokens)

KERNEL NAME1(matrix_vector_, TOKENS)(
    const MatrixGroup group, int stride, const float* input, int columns, int tokens, int output_width, float* output)
{
    int row = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP, index = 0;
    while (index + 1 < group.count && row >= group.matrices[index].rows) row -= group.matrices[index++].rows;
    let_next_start();
    wait_for_previous();
    if (row >= group.matrices[index].rows) return;
    const ELEMENT* weights = group.matrices[index].elements + (long)row * stride;
    float sums[TOKENS];
#pragma unroll
    for (int t = 0; t < TOKENS; t++) sums[t] = 0;
#pragma unroll 4
    for (int first = lane_id() * 8; first < stride; first += WARP * 8)
    {
        Eight w = load_eight(weights + first);
#pragma unroll
        for (int t = 0; t < TOKENS; t++)
        {
            const float* x = input + (long)(t < tokens ? t : 0) * columns + first;
            if (columns % 8 == 0)
            {
                Eight a = load_eight(x);
#pragma unroll
                for (int k = 0; k < 8; k++) sums[t] += w.x[k] * a.x[k];
            }
            else
            {
#pragma unroll
                for (int k = 0; k < 8; k++)
                {
                    if (first + k < columns) sums[t] += w.x[k] * x[k];
                }
            }
        }
    }

#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        float sum = warp_sum(sums[t]);
        const float* bias = group.matrices[index].bias;
        if (lane_id() == 0 && t < tokens)
            output[(long)t * output_width + group.matrices[index].first_output + row] = sum + (bias ? bias[row] : 0.0f);
    }
}
