// Rows of an embedding table in file order, decoded: row t of file becomes row t of output.

DEVICE float file_value(const uint8* row, int i)
{
#ifdef ELEMENT
    return element_value(((const GLOBAL ELEMENT*)row)[i]);
#else
    const uint8* block = row + i / FILE_BLOCK * FILE_BYTES;
    int place = i % FILE_BLOCK;
    int code = file_code(block, place);
#ifdef CODE_LEVELS
    code = level_of(code);
#endif
#if SCALE_KIND == SCALE_PLAIN || SCALE_KIND == SCALE_MINIMUM
    float d = half_to_float(block[0] | block[1] << 8);
#if SCALE_KIND == SCALE_PLAIN
    return d * (code - CODE_BIAS);
#else
    return __fadd_rn(__fmul_rn(d, code), half_to_float(block[2] | block[3] << 8));
#endif
#elif SCALE_KIND == SCALE_SUPER_MINIMUM
    const uint8* packed = block + 4;
    int s = place / 32;
    int scale = s < 4 ? packed[s] & 63 : (packed[s + 4] & 15) | packed[s - 4] >> 6 << 4;
    int minimum = s < 4 ? packed[s + 4] & 63 : packed[s + 4] >> 4 | packed[s] >> 6 << 4;
    float d = half_to_float(block[0] | block[1] << 8) * scale, offset = half_to_float(block[2] | block[3] << 8) * minimum;
    return __fadd_rn(__fmul_rn(d, code), -offset);
#else
    return half_to_float(block[208] | block[209] << 8) * (signed char)block[192 + place / 16] * (code - CODE_BIAS);
#endif
#endif
}

KERNEL embed(const uint8* file, int row_bytes, int columns, GLOBAL float* output)
{
    let_next_start();
    wait_for_previous();
    const uint8* row = file + (long)blockIdx.y * row_bytes;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < columns; i += gridDim.x * blockDim.x)
        output[(long)blockIdx.y * columns + i] = file_value(row, i);
}
