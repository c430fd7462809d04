// A matrix of any format times f32 activations of many tokens; `stride` columns a row, of which the first `columns` have activations. A
// work-group has TILE rows and TILE tokens, each of its items four by four of them; DEPTH columns at a time are in local memory, a column of
// all rows or tokens after the other.
#define TILE 64
#define DEPTH 32
#define PITCH (TILE + 4)
#define TILE_ITEMS 256

GROUP_OF(TILE_ITEMS) KERNEL matrix_product(
    MATRIX_PARAMETERS, int first_output, int stride, const GLOBAL float* input, int columns, int tokens, int output_width, GLOBAL float* output)
{
    LOCAL float w[DEPTH * PITCH];
    LOCAL float x[DEPTH * PITCH];
    int item = get_local_id(0), own = item / 4, part = item % 4 * 8, right = item % 16 * 4, down = item / 16 * 4;
    int first_row = get_group_id(0) * TILE, first_token = get_group_id(1) * TILE;
    int row = min(first_row + own, rows - 1), token = min(first_token + own, tokens - 1);
    float4 sums[4];
    for (int i = 0; i < 4; i++) sums[i] = 0;
    for (int start = 0; start < stride; start += DEPTH)
    {
        int column = start + part;
        float weights[8], activations[8];
        vstore8(column < stride ? load_eight(MATRIX, stride, row, column) : (float8)(0), 0, weights);
        vstore8(load_activations(input + (long)token * columns, column, columns), 0, activations);
        for (int k = 0; k < 8; k++)
        {
            w[(part + k) * PITCH + own] = weights[k];
            x[(part + k) * PITCH + own] = activations[k];
        }

        meet();
        for (int k = 0; k < DEPTH; k++)
        {
            float4 a = vload4(0, w + k * PITCH + right), b = vload4(0, x + k * PITCH + down);
            sums[0] += a * b.s0;
            sums[1] += a * b.s1;
            sums[2] += a * b.s2;
            sums[3] += a * b.s3;
        }

        meet();
    }

    for (int i = 0; i < 4; i++)
    {
        int t = first_token + down + i;
        if (t >= tokens) break;
        float values[4];
        vstore4(sums[i], 0, values);
        for (int k = 0; k < 4; k++)
        {
            int r = first_row + right + k;
            if (r < rows) output[(long)t * output_width + first_output + r] = values[k] + (bias ? bias[r] : 0.0f);
        }
    }
}
