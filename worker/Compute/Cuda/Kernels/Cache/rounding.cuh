// Chooses codes of a row of few bits: each to the nearest, or, where the output projection's weights are known, one after the other so
// that what it makes of the errors stays small (the host's OutputWeights says how). A warp a row, element 32·i + lane in x[i].
#include "scale_fit.cuh"

struct OutputWeights
{
    const float* gram;             // null: not known
    const float* feedback;
    const float* inverse_diagonal;
};

template <int TYPE>
DEVICE void round_weighted(const float* x, const BlockScale* scales, const OutputWeights weights, const uint8* nearest, int* codes)
{
    float errors[PER_LANE], pulls[PER_LANE], gradient[PER_LANE];
    int lane = lane_id();
#pragma unroll
    for (int i = 0; i < PER_LANE; i++) errors[i] = pulls[i] = gradient[i] = 0;
#pragma unroll
    for (int b = 0; b < PER_LANE; b++)
    {
        float inverse = inverse_of(scales[b]);
#pragma unroll 4
        for (int l = 0; l < WARP; l++)
        {
            int code = nearest_code<TYPE>((x[b] - pulls[b] - scales[b].offset) * inverse, nearest);
            float error = scales[b].scale * level<TYPE>(code) + scales[b].offset - x[b];
            if (lane == l)
            {
                codes[b] = code;
                errors[b] = error;
            }

            error = __shfl_sync(ALL_LANES, error, l);
            long row = (long)(b * WARP + l) * HEAD_DIM + lane;
#pragma unroll
            for (int i = 0; i < PER_LANE; i++)
            {
                pulls[i] += weights.feedback[row + i * WARP] * error;
                gradient[i] += weights.gram[row + i * WARP] * error;
            }
        }
    }

    // Each once more with all others known.
#pragma unroll
    for (int b = 0; b < PER_LANE; b++)
    {
        float inverse = inverse_of(scales[b]), diagonal = weights.inverse_diagonal[b * WARP + lane];
#pragma unroll 4
        for (int l = 0; l < WARP; l++)
        {
            int code = nearest_code<TYPE>((x[b] + errors[b] - gradient[b] * diagonal - scales[b].offset) * inverse, nearest);
            float error = scales[b].scale * level<TYPE>(code) + scales[b].offset - x[b], change = error - errors[b];
            if (lane == l)
            {
                codes[b] = code;
                errors[b] = error;
            }

            change = __shfl_sync(ALL_LANES, change, l);
            long row = (long)(b * WARP + l) * HEAD_DIM + lane;
#pragma unroll
            for (int i = 0; i < PER_LANE; i++) gradient[i] += weights.gram[row + i * WARP] * change;
        }
    }
}

// A row's codes, or bits of its elements, and its scales and minimums. is_brief: in little time, as they will be replaced.
template <int TYPE>
DEVICE void quantize_row(
    const float* x, const OutputWeights weights, bool is_brief, const uint8* nearest, uint32* codes, float* scale, float* minimum)
{
    if constexpr (TYPE <= TYPE_BF16)
    {
#pragma unroll
        for (int i = 0; i < PER_LANE; i++)
            codes[i] = TYPE == TYPE_F32 ? __float_as_uint(x[i]) : TYPE == TYPE_F16 ? float_to_half(x[i]) : float_to_bfloat(x[i]);
    }
    else if constexpr (TYPE == TYPE_Q8_0)
    {
#pragma unroll
        for (int i = 0; i < PER_LANE; i++)
        {
            scale[i] = warp_max(fabsf(x[i])) / 127;
            float inverse = scale[i] != 0 ? 1 / scale[i] : 0;
            // The float below 1/2: halves go away from zero and nothing else up.
            codes[i] = (int)(x[i] * inverse + copysignf(0.49999997f, x[i]));
        }
    }
    else
    {
        BlockScale scales[PER_LANE];
        int chosen[PER_LANE];
#pragma unroll
        for (int i = 0; i < PER_LANE; i++)
        {
            if (is_brief) scales[i] = cover<TYPE>(x[i]);
            else scales[i] = has_minimum<TYPE>() ? fit_minimum<TYPE>(x[i], nearest) : fit_scale<TYPE>(x[i], nearest);
            chosen[i] = nearest_code<TYPE>((x[i] - scales[i].offset) * inverse_of(scales[i]), nearest);
        }

        if (weights.gram && !is_brief) round_weighted<TYPE>(x, scales, weights, nearest, chosen);
#pragma unroll
        for (int i = 0; i < PER_LANE; i++)
        {
            codes[i] = chosen[i];
            scale[i] = scales[i].scale;
            minimum[i] = scales[i].offset + first_level<TYPE>() * scales[i].scale;
        }
    }
}
