// How a block's levels become elements: element = scale·level + offset, with the least squared error. Items of a block of 32 try a scale each.
// The host's ScaleFit and MinimumFit say more.
#if ROW_TYPE == TYPE_IQ4_NL
#define FIRST_LEVEL -127
#define LAST_LEVEL 113
#else
#define FIRST_LEVEL (ROW_BITS == 5 ? -16 : -8)
#define LAST_LEVEL (-FIRST_LEVEL - 1)
#endif

#if ROW_TYPE == TYPE_IQ4_NL
__constant float level_middles[15] = { -115.5f, -93.5f, -74, -57, -42, -28.5f, -16, -4.5f, 7, 19, 31.5f, 45.5f, 61, 79, 101 };
#endif

DEVICE float level(uint code)
{
#if ROW_TYPE == TYPE_IQ4_NL
    return level_of(code);
#else
    return (float)code + FIRST_LEVEL;
#endif
}

DEVICE uint nearest_code(float x)
{
#if ROW_TYPE == TYPE_IQ4_NL
    uint code = 0;
#pragma unroll
    for (int k = 0; k < 15; k++) code += x >= level_middles[k];
    return code;
#else
    return (uint)(fmin(fmax(rint(x), (float)FIRST_LEVEL), (float)LAST_LEVEL) - FIRST_LEVEL);
#endif
}

DEVICE float stored(float x) { return half_to_float(float_to_half(x)); }

#ifdef ROW_MINIMUM
#define TRIALS 7

// Scale and offset of an item's block, of which x is the row. trials is room for three values an item.
DEVICE float2 fit(const LOCAL float* x, LOCAL float* trials, int element)
{
    int trial = element % 32, start = element - trial;
    float low = x[start], high = low;
    for (int k = 1; k < 32; k++) low = fmin(low, x[start + k]), high = fmax(high, x[start + k]);
    float range = high - low, gain = -INFINITY;
    float2 fitted = (float2)(0, low);
    if (trial < TRIALS && range > 0)
    {
        float left = trial * 0.015f * range, scale = (range - 2 * left) / (LAST_LEVEL - FIRST_LEVEL);
        float offset = low + left - FIRST_LEVEL * scale, inverse = 1 / scale;
        float levels = 0, squares = 0, elements = 0, products = 0;
        for (int k = 0; k < 32; k++)
        {
            float value = x[start + k], l = level(nearest_code((value - offset) * inverse));
            levels += l;
            squares += l * l;
            elements += value;
            products += value * l;
        }

        float determinant = 32 * squares - levels * levels;
        if (determinant > 0)
        {
            fitted = (float2)((32 * products - levels * elements) / determinant, (squares * elements - levels * products) / determinant);
            if (fitted.x > 0) gain = fitted.x * products + fitted.y * elements;
        }
    }

    vstore3((float3)(gain, fitted), element, trials);
    meet();
    float best_gain = -INFINITY;
    float2 best = (float2)(0, low);
    for (int k = 0; k < TRIALS; k++)
    {
        float3 one = vload3(start + k, trials);
        if (!(one.x > best_gain)) continue;
        best_gain = one.x;
        best = one.yz;
    }

    // What is stored is the minimum, the element of the first level.
    float scale = stored(best.x);
    return (float2)(scale, stored(best.y + FIRST_LEVEL * best.x) - FIRST_LEVEL * scale);
}
#else
#define TRIALS 18

// Scale and offset, which is 0, of an item's block, of which x is the row. trials is room for three values an item.
DEVICE float2 fit(const LOCAL float* x, LOCAL float* trials, int element)
{
    int trial = element % 32, start = element - trial;
    float largest = 0;
    for (int k = 0; k < 32; k++) largest = fabs(x[start + k]) > fabs(largest) ? x[start + k] : largest;
    float gain = 0, scale = 0;
    if (trial < TRIALS && largest != 0)
    {
        float stretch = 1 + 0.16f * (trial / 2 - 4) / 4, inverse = (trial % 2 ? LAST_LEVEL : FIRST_LEVEL) * stretch / largest;
        float product = 0, norm = 0;
        for (int k = 0; k < 32; k++)
        {
            float l = level(nearest_code(x[start + k] * inverse));
            product += x[start + k] * l;
            norm += l * l;
        }

        if (norm > 0) gain = product * product / norm, scale = product / norm;
    }

    vstore2((float2)(gain, scale), element, trials);
    meet();
    float2 best = (float2)(0, 0);
    for (int k = 0; k < TRIALS; k++)
    {
        float2 one = vload2(start + k, trials);
        if (one.x > best.x) best = one;
    }

    return (float2)(stored(best.y), 0);
}
#endif
