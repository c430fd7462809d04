// The integers that codes of few bits stand for, ascending with the code: NonLinearLevels and SignedIntegers of the host.
// A table of the codes nearest to every half step finds those of IQ4_NL, whose midpoints are whole or half.
#define NEAREST_ENTRIES 512

DEVICE void fill_nearest(uint8* nearest)
{
    for (int i = threadIdx.x; i < NEAREST_ENTRIES; i += blockDim.x)
    {
        float middle = i * 0.5f + 0.25f - 128;
        int code = 0;
        for (int k = 1; k < 16; k++)
        {
            if (fabsf(level_of(k) - middle) < fabsf(level_of(code) - middle)) code = k;
        }

        nearest[i] = (uint8)code;
    }
}

// Of less than 2^22, ties to even: in two additions, where the instruction for it takes longer.
DEVICE float nearest_integer(float x) { return (x + 12582912.0f) - 12582912.0f; }

// The level nearest to x, and its code.
template <int TYPE>
DEVICE float nearest_level(float x, const uint8* nearest, int* code)
{
    if (TYPE == TYPE_IQ4_NL)
    {
        *code = nearest[(int)fminf(fmaxf(floorf(x * 2) + 256, 0), NEAREST_ENTRIES - 1)];
        return level_of(*code);
    }

    const float first = TYPE == TYPE_Q5_0 || TYPE == TYPE_Q5_1 ? -16 : -8;
    float level = nearest_integer(fminf(fmaxf(x, first), -first - 1));
    *code = (int)(level - first);
    return level;
}

template <int TYPE>
DEVICE float first_level() { return TYPE == TYPE_IQ4_NL ? -127 : TYPE == TYPE_Q5_0 || TYPE == TYPE_Q5_1 ? -16 : -8; }

template <int TYPE>
DEVICE float last_level() { return TYPE == TYPE_IQ4_NL ? 113 : -first_level<TYPE>() - 1; }

template <int TYPE>
DEVICE bool has_minimum() { return TYPE == TYPE_Q4_1 || TYPE == TYPE_Q5_1; }
