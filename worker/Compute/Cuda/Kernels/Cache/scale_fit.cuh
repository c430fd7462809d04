// How a block's levels become elements: element = scale·level + offset, with the least squared error; a warp holds the block, a lane an
// element. The host's ScaleFit and MinimumFit say more.
#include "levels_of_type.cuh"

struct BlockScale
{
    float scale;  // as f16 holds it
    float offset;
};

DEVICE float stored(float x) { return half_to_float(float_to_half(x)); }

DEVICE float inverse_of(float scale) { return scale != 0 ? 1 / scale : 0; }

template <int TYPE>
DEVICE void try_scale(float x, float inverse, const uint8* nearest, float* best, float* best_gain)
{
    int code;
    float l = nearest_level<TYPE>(x * inverse, nearest, &code);
    float product = warp_sum(x * l), norm = warp_sum(l * l);
    float gain = product * product / norm;
    if (!(norm > 0) || !(gain > *best_gain)) return;
    *best_gain = gain;
    *best = product / norm;
}

template <int TYPE>
DEVICE BlockScale fit_scale(float x, const uint8* nearest)
{
    BlockScale result = { 0, 0 };
    float largest = warp_max(fabsf(x));
    if (!(largest > 0)) return result;
    uint32 holders = __ballot_sync(ALL_LANES, fabsf(x) == largest);
    largest = __shfl_sync(ALL_LANES, x, __ffs(holders) - 1);
    float best = 0, gain = 0;
#pragma unroll 3
    for (int step = -4; step <= 4; step++)
    {
        float stretch = 1 + 0.16f * step / 4;
        try_scale<TYPE>(x, first_level<TYPE>() * stretch / largest, nearest, &best, &gain);
        try_scale<TYPE>(x, last_level<TYPE>() * stretch / largest, nearest, &best, &gain);
    }

    result.scale = stored(best);
    return result;
}

// A scale that covers the block, found at once: for codes that are soon chosen anew.
template <int TYPE>
DEVICE BlockScale cover(float x)
{
    float first = first_level<TYPE>();
    BlockScale result;
    if (has_minimum<TYPE>())
    {
        float high = warp_max(x), low = -warp_max(-x);
        result.scale = stored((high - low) / (last_level<TYPE>() - first));
        result.offset = stored(low) - first * result.scale;
    }
    else
    {
        // The largest magnitude, whatever its sign, is the lowest level.
        float high = warp_max(x), low = -warp_max(-x);
        result.scale = stored((high > -low ? high : low) / first);
        result.offset = 0;
    }

    return result;
}

template <int TYPE>
DEVICE BlockScale fit_minimum(float x, const uint8* nearest)
{
    float high = warp_max(x), low = -warp_max(-x);
    float first = first_level<TYPE>(), range = high - low;
    BlockScale best = { 0, low };
    float best_gain = NEGATIVE_INFINITY;
    for (int trial = 0; trial < 7 && range > 0; trial++)
    {
        float left = trial * 0.015f * range;
        float scale = (range - 2 * left) / (last_level<TYPE>() - first), offset = low + left - first * scale;
        int code;
        float l = nearest_level<TYPE>((x - offset) * (1 / scale), nearest, &code);
        float levels = warp_sum(l), squares = warp_sum(l * l), elements = warp_sum(x), products = warp_sum(x * l);
        float determinant = WARP * squares - levels * levels;
        if (!(determinant > 0)) continue;
        BlockScale fitted = { (WARP * products - levels * elements) / determinant, (squares * elements - levels * products) / determinant };
        float gain = fitted.scale * products + fitted.offset * elements;
        if (gain > best_gain && fitted.scale > 0)
        {
            best = fitted;
            best_gain = gain;
        }
    }

    // What is stored is the minimum, the element of the first level.
    BlockScale result;
    result.scale = stored(best.scale);
    result.offset = stored(best.offset + first * best.scale) - first * result.scale;
    return result;
}
