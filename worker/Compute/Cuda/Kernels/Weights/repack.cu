// From blocks in file order to planes. A thread takes 32 elements; the file's blocks of a chunk of rows follow each other.

KERNEL repack(
    const uint8* file, long blocks, long first_block, GLOBAL uint32* codes, GLOBAL uint32* high, GLOBAL SCALE* scales,
    GLOBAL uint16* super_scales)
{
    wait_for_previous();
    long i = blockIdx.x * (long)blockDim.x + threadIdx.x;
    if (i >= blocks) return;
    const uint8* source = file + i * 32 / FILE_BLOCK * FILE_BYTES;
    int first = i * 32 % FILE_BLOCK;
    long target = first_block + i;
    for (int word = 0; word < CODE_WORDS; word++)
    {
        uint32 packed = 0;
#if CODE_BITS == 8
        for (int k = 0; k < 4; k++) packed |= (uint32)(file_code(source, first + 4 * word + k) & 255) << 8 * k;
#elif defined(CODE_LEVELS)
        for (int k = 0; k < 8; k++) packed |= (uint32)file_code(source, first + 8 * word + k) << 4 * k;
#else
        for (int k = 0; k < 8; k++) packed |= (uint32)(file_code(source, first + 8 * word + k) & 15) << k % 4 * 8 + k / 4 * 4;
#endif
        codes[target * CODE_WORDS + word] = packed;
    }

#if CODE_BITS == 5
    uint32 bits = 0;
    for (int k = 0; k < 32; k++) bits |= (uint32)(file_code(source, first + k) >> 4) << k;
    high[target] = bits;
#elif CODE_BITS == 6
    for (int word = 0; word < 2; word++)
    {
        uint32 bits = 0;
        for (int k = 0; k < 16; k++) bits |= (uint32)(file_code(source, first + 16 * word + k) >> 4) << k % 4 * 8 + k / 4 * 2;
        high[target * 2 + word] = bits;
    }
#endif
#if SCALE_KIND == SCALE_PLAIN
    scales[target] = source[0] | source[1] << 8;
#elif SCALE_KIND == SCALE_MINIMUM
    scales[target] = source[0] | source[1] << 8 | source[2] << 16 | (uint32)source[3] << 24;
#elif SCALE_KIND == SCALE_SUPER_MINIMUM
    // Bytes 0-3 and 4-7 are scales and minimums 0-3 in their low six bits; 8-11 hold the low nibbles of scales and minimums 4-7, whose
    // upper bits are the upper bits of bytes 0-7.
    const uint8* packed = source + 4;
    int s = first / 32;
    int scale = s < 4 ? packed[s] & 63 : (packed[s + 4] & 15) | packed[s - 4] >> 6 << 4;
    int minimum = s < 4 ? packed[s + 4] & 63 : packed[s + 4] >> 4 | packed[s] >> 6 << 4;
    scales[target] = scale | minimum << 8;
    if (s == 0)
    {
        super_scales[target / 8 * 2] = source[0] | source[1] << 8;
        super_scales[target / 8 * 2 + 1] = source[2] | source[3] << 8;
    }
#else
    const uint8* signed_scales = source + 192 + first / 16;
    scales[target] = signed_scales[0] | signed_scales[1] << 8;
    if (first == 0) super_scales[target / 8] = source[208] | source[209] << 8;
#endif
}
