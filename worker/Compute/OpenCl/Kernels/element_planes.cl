// A matrix of plain elements: rows padded with zeros to whole eights.
#define MATRIX_PARAMETERS \
    const GLOBAL ELEMENT* elements, const GLOBAL uint* none, const GLOBAL uint* none_either, const GLOBAL uint* nor_here, const GLOBAL float* bias, int rows
#define MATRIX elements, none, none_either, nor_here, bias, rows

// Eight weights of a row, from `column` on.
DEVICE float8 load_eight(MATRIX_PARAMETERS, int stride, int row, int column)
{
    const GLOBAL ELEMENT* source = elements + (long)row * stride + column;
    return (float8)(
        element_value(source[0]), element_value(source[1]), element_value(source[2]), element_value(source[3]),
        element_value(source[4]), element_value(source[5]), element_value(source[6]), element_value(source[7]));
}
