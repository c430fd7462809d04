// Chooses codes of a row of few bits: each to the nearest, or, where the output projection's weights are known, one after the other so
// that what it makes of the errors stays small (the host's OutputWeights says how). A warp a row, element 32·i + lane in x[i].
#include "scale_fit.cuh"

struct OutputWeights
{
    const float* gram;             // null: not known
    const float* feedback;
    const float* inverse_diagonal;
};

// A row of values on its way to codes, the span whose turn it is first.
struct Rounding
{
    float x[PER_LANE], scale[PER_LANE], offset[PER_LANE], inverse[PER_LANE], diagonal[PER_LANE], errors[PER_LANE];
    float pulls[PER_LANE];    // of the errors of the elements before
    float gradient[PER_LANE]; // of what all errors cost
    int codes[PER_LANE];
};

DEVICE void turn(Rounding& r)
{
    turn(r.x);
    turn(r.scale);
    turn(r.offset);
    turn(r.inverse);
    turn(r.diagonal);
    turn(r.errors);
    turn(r.pulls);
    turn(r.gradient);
    turn(r.codes);
}

// Rows of the weights that are asked for together.
#define ROW_COUNT (PER_LANE <= 4 ? 8 : 4)

// As they are wanted when it is the turn of the first one's span.
struct WeightRows
{
    float gram[ROW_COUNT][PER_LANE];
    float feedback[ROW_COUNT][PER_LANE];
};

DEVICE void load_weights(WeightRows& rows, const OutputWeights weights, int first, bool is_again)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        int column = (first / WARP + i) % PER_LANE * WARP + lane_id();
#pragma unroll
        for (int k = 0; k < ROW_COUNT; k++) rows.gram[k][i] = weights.gram[(long)(first + k) * HEAD_DIM + column];
#pragma unroll
        for (int k = 0; k < ROW_COUNT && !is_again; k++) rows.feedback[k][i] = weights.feedback[(long)(first + k) * HEAD_DIM + column];
    }
}

// Rounds the element whose turn it is to the level nearest to a target, and tells all others what that changes of its error.
template <int TYPE>
DEVICE void round_next(Rounding& r, int own, const float* gram, const float* feedback, bool is_again, const uint8* nearest)
{
    int code;
    float target = is_again ? r.x[0] + r.errors[0] - r.gradient[0] * r.diagonal[0] : r.x[0] - r.pulls[0];
    float error = r.scale[0] * nearest_level<TYPE>((target - r.offset[0]) * r.inverse[0], nearest, &code) + r.offset[0] - r.x[0];
    float change = __shfl_sync(ALL_LANES, error - r.errors[0], own);
    if (lane_id() == own)
    {
        r.codes[0] = code;
        r.errors[0] = error;
    }

#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        r.gradient[i] += gram[i] * change;
        if (!is_again) r.pulls[i] += feedback[i] * change;
    }
}

// Chooses the codes of values whose scales are there, one after the other: each is pulled by the errors of those before it (the feedback has nothing in
// front of its diagonal), then chosen again with all others known. One loop for both, and little of it unrolled, as a warp that is alone on its
// multiprocessor waits for code longer than for data. IS_EARLY: for such a warp: the next rows of the weights are asked for while those before
// them are used; where there are many warps, these fill each other's waits.
template <int TYPE, bool IS_EARLY>
DEVICE void round_weighted(Rounding& r, const OutputWeights weights, const uint8* nearest)
{
#pragma unroll
    for (int i = 0; i < PER_LANE; i++)
    {
        r.inverse[i] = inverse_of(r.scale[i]);
        r.diagonal[i] = weights.inverse_diagonal[i * WARP + lane_id()];
        r.errors[i] = r.pulls[i] = r.gradient[i] = 0;
    }

    WeightRows rows, ahead;
    if (IS_EARLY) load_weights(ahead, weights, 0, false);
#pragma unroll 1
    for (int visit = 0; visit < 2 * HEAD_DIM; visit += ROW_COUNT)
    {
        if (IS_EARLY)
        {
            rows = ahead;
            int next = visit + ROW_COUNT;
            if (next < 2 * HEAD_DIM) load_weights(ahead, weights, next % HEAD_DIM, next >= HEAD_DIM);
        }
        else
        {
            load_weights(rows, weights, visit % HEAD_DIM, visit >= HEAD_DIM);
        }

#pragma unroll
        for (int k = 0; k < ROW_COUNT; k++) round_next<TYPE>(r, (visit + k) % WARP, rows.gram[k], rows.feedback[k], visit >= HEAD_DIM, nearest);
        if ((visit + ROW_COUNT) % WARP == 0) turn(r);
    }
}

template <int TYPE>
DEVICE BlockScale scale_of_span(float x, bool is_brief, const uint8* nearest)
{
    if (is_brief) return cover<TYPE>(x);
    return has_minimum<TYPE>() ? fit_minimum<TYPE>(x, nearest) : fit_scale<TYPE>(x, nearest);
}

template <int TYPE>
DEVICE float minimum_of(float scale, float offset) { return offset + first_level<TYPE>() * scale; }

// The code, or bits, of a span's element, and the span's scale and minimum. is_brief: in little time, as they will be replaced.
template <int TYPE>
DEVICE uint32 quantize_span(float x, bool is_brief, const uint8* nearest, float* scale, float* minimum)
{
    *scale = *minimum = 0;
    if constexpr (TYPE == TYPE_F32) return __float_as_uint(x);
    else if constexpr (TYPE == TYPE_F16) return float_to_half(x);
    else if constexpr (TYPE == TYPE_BF16) return float_to_bfloat(x);
    else if constexpr (TYPE == TYPE_Q8_0)
    {
        *scale = warp_max(fabsf(x)) / 127;
        // The float below 1/2: halves go away from zero and nothing else up.
        return (int)(x * inverse_of(*scale) + copysignf(0.49999997f, x));
    }
    else
    {
        BlockScale s = scale_of_span<TYPE>(x, is_brief, nearest);
        int code;
        nearest_level<TYPE>((x - s.offset) * inverse_of(s.scale), nearest, &code);
        *scale = s.scale;
        *minimum = minimum_of<TYPE>(s.scale, s.offset);
        return code;
    }
}
