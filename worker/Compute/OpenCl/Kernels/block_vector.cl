// A matrix times quantized activations of up to TOKENS tokens: LANES work-items a row, blocks of 32 columns in turn. Included once for each
// TOKENS.
#define LANES 32
#define GROUP_ROWS 4
#define GROUP_ITEMS (LANES * GROUP_ROWS)
#define NAME2(prefix, tokens) prefix##tokens
#define NAME1(prefix, tokens) NAME2(prefix, tokens)

GROUP_OF(GROUP_ITEMS) KERNEL NAME1(matrix_vector_, TOKENS)(
    MATRIX_PARAMETERS, int first_output, int blocks, const GLOBAL int* activations, const GLOBAL float2* activation_scales, int tokens,
    int output_width, GLOBAL float* output)
{
    LOCAL float partial[TOKENS][GROUP_ITEMS];
    int item = get_local_id(0), lane = item % LANES, first_row = get_group_id(0) * GROUP_ROWS, row = first_row + item / LANES;
    float sums[TOKENS];
    for (int t = 0; t < TOKENS; t++) sums[t] = 0;
    for (int block = lane; block < blocks && row < rows; block += LANES)
    {
        Block w = load_block(MATRIX, (long)row * blocks + block);
        for (int t = 0; t < TOKENS; t++)
        {
            int source = (t < tokens ? t : 0) * blocks + block;
            int x[8];
            vstore8(vload8(source, activations), 0, x);
            sums[t] += block_product(w, x, activation_scales[source]);
        }
    }

    for (int t = 0; t < TOKENS; t++) partial[t][item] = sums[t];
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
#undef LANES
#undef GROUP_ROWS
#undef GROUP_ITEMS
#undef NAME1
#undef NAME2
