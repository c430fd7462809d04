// What is done with the sums of ROWS rows: the bias is added, and they are written, added to the residual stream, or gated by those of the link's
// first matrix; or this rank's part of a sum is made of them. The first lane of each eight has a row.

// What that needs from memory, asked for before the rows are multiplied.
struct RowEnd
{
    int row;             // the lane's; -1: none
    float bias;
    float other[TOKENS]; // what the residual stream has, or the gate's sum
};

DEVICE RowEnd begin_rows(const ChainLink& link, const MatrixPlanes& m, int matrix, int group, int tokens)
{
    RowEnd end;
    end.row = ROWS * group + lane_id() / 8;
    if (lane_id() % 8 > 0 || end.row >= m.rows) end.row = -1;
    end.bias = m.bias && end.row >= 0 ? m.bias[end.row] : 0.0f;
    const float* source = link.residual ? link.residual + m.first_output : link.gated && matrix == 1 ? link.output : 0;
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        // The gate's sum is of this very thread.
        if (source && end.row >= 0 && t < tokens) end.other[t] = __ldcg(source + (long)t * link.output_width + end.row);
    }

    return end;
}

// As warp_sum, of four values: each eight lanes get the sum of one.
DEVICE float sum_of_own(float a, float b, float c, float d)
{
    bool is_upper = (lane_id() & 16) != 0, is_odd = (lane_id() & 8) != 0;
    float x = (is_upper ? c : a) + __shfl_xor_sync(ALL_LANES, is_upper ? a : c, 16);
    float y = (is_upper ? d : b) + __shfl_xor_sync(ALL_LANES, is_upper ? b : d, 16);
    x = (is_odd ? y : x) + __shfl_xor_sync(ALL_LANES, is_odd ? x : y, 8);
#pragma unroll
    for (int mask = 4; mask > 0; mask /= 2) x += __shfl_xor_sync(ALL_LANES, x, mask);
    return x;
}

DEVICE void end_rows(const ProductChain& chain, const ChainLink& link, const MatrixPlanes& m, int matrix, const RowEnd& end, const float (*sums)[TOKENS])
{
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        float sum = sum_of_own(sums[0][t], sums[1][t], sums[2][t], sums[3][t]) + end.bias;
        if (end.row < 0 || t >= chain.tokens) continue;
        long place = (long)t * link.output_width + m.first_output + end.row;
        if (HAS_SUMS && link.output_sum)
        {
            store_partial(chain.ranks, link.output_sum, place, link.residual ? end.other[t] + sum : sum);
            continue;
        }

        link.output[place] = sum;
        if (link.residual) link.residual[place] = end.other[t] + sum;
        else if (link.gated && matrix == 1) link.gated[(long)t * m.rows + end.row] = silu(end.other[t]) * sum;
    }
}
