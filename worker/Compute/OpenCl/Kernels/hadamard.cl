// The orthonormal Walsh-Hadamard transform of runs of `size` elements of a row, an item an element; x is room for the row.
#define MOST_ELEMENTS 256

DEVICE float hadamard(float own, LOCAL float* x, int element, int size)
{
    for (int mask = 1; mask < size; mask *= 2)
    {
        x[element] = own;
        meet();
        float other = x[element ^ mask];
        own = element & mask ? other - own : own + other;
        meet();
    }

    return size > 0 ? own / sqrt((float)size) : own;
}
