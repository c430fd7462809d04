// Q6_K: 256 elements: 128 bytes of low nibbles, 64 of upper two bits, 16 × int8 scales, f16 d; x = d·scale·(q - 32). Each half owns 64
// bytes of nibbles and 32 of upper bits: element i of its quarter k is nibble k / 2 of byte i + 32·(k mod 2), and bits 2k of upper byte i.
#define FILE_BLOCK 256
#define FILE_BYTES 210
#define CODE_BITS 6
#define CODE_BIAS 32
#define SCALE_KIND SCALE_SUPER_HALVES

DEVICE int file_code(const uint8* block, int i)
{
    int part = i / 128, quarter = i / 32 % 4, byte = i % 32;
    return (block[part * 64 + quarter % 2 * 32 + byte] >> quarter / 2 * 4 & 15) | (block[128 + part * 32 + byte] >> quarter * 2 & 3) << 4;
}
