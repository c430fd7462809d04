// A matrix of plain elements times f32 activations of few tokens: LANES work-items a row, eight columns in turn; `stride` columns a row, whole
// eights, of which the first `columns` have activations.
#define MOST_TOKENS 8
#define LANES 32
#define GROUP_ROWS 4
#define GROUP_ITEMS (LANES * GROUP_ROWS)

GROUP_OF(GROUP_ITEMS) KERNEL matrix_vector(
    MATRIX_PARAMETERS, int first_output, int stride, const GLOBAL float* input, int columns, int tokens, int output_width, GLOBAL float* output)
{
    LOCAL float partial[MOST_TOKENS][GROUP_ITEMS];
    int item = get_local_id(0), lane = item % LANES, first_row = get_group_id(0) * GROUP_ROWS, row = first_row + item / LANES;
    float sums[MOST_TOKENS];
    for (int t = 0; t < MOST_TOKENS; t++) sums[t] = 0;
    for (int column = lane * 8; column < stride && row < rows; column += LANES * 8)
    {
        float8 w = load_eight(MATRIX, stride, row, column);
#pragma unroll
        for (int t = 0; t < MOST_TOKENS; t++)
        {
            if (t >= tokens) break;
            float8 p = w * load_activations(input + (long)t * columns, column, columns);
            sums[t] += p.s0 + p.s1 + p.s2 + p.s3 + (p.s4 + p.s5 + p.s6 + p.s7);
        }
    }

    for (int t = 0; t < MOST_TOKENS; t++) partial[t][item] = sums[t];
    meet();
    for (int i = item; i < tokens * GROUP_ROWS; i += GROUP_ITEMS)
    {
        int t = i / GROUP_ROWS, r = i % GROUP_ROWS;
        if (first_row + r >= rows) continue;
        float sum = bias ? bias[first_row + r] : 0.0f;
        for (int k = 0; k < LANES; k++) sum += partial[t][r * LANES + k];
        output[(long)t * output_width + first_output + first_row + r] = sum;
    }
}
