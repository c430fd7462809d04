// Q5_K: as Q4_K, with 32 bytes of fifth bits between scales and nibbles: bit s of byte i belongs to element i of sub-block s.
#define FILE_BLOCK 256
#define FILE_BYTES 176
#define CODE_BITS 5
#define CODE_BIAS 0
#define SCALE_KIND SCALE_SUPER_MINIMUM

DEVICE int file_code(const uint8* block, int i)
{
    return (block[48 + i / 64 * 32 + i % 32] >> (i / 32 & 1) * 4 & 15) | (block[16 + i % 32] >> i / 32 & 1) << 4;
}
