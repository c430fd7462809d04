// Q4_K: 256 elements: f16 d, f16 dmin, 12 bytes of 6-bit scales and minimums, 128 bytes of nibbles: each 32 bytes hold 64 elements, the
// first 32 in the low nibbles; x = d·scale·q - dmin·minimum.
#define FILE_BLOCK 256
#define FILE_BYTES 144
#define CODE_BITS 4
#define CODE_BIAS 0
#define SCALE_KIND SCALE_SUPER_MINIMUM

DEVICE int file_code(const uint8* block, int i) { return block[16 + i / 64 * 32 + i % 32] >> (i / 32 & 1) * 4 & 15; }
