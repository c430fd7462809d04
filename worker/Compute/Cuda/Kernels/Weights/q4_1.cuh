// Q4_1: 32 elements: f16 d, f16 m, 16 bytes of nibbles as in Q4_0; x = d·q + m.
#define FILE_BLOCK 32
#define FILE_BYTES 20
#define CODE_BITS 4
#define CODE_BIAS 0
#define SCALE_KIND SCALE_MINIMUM

DEVICE int file_code(const uint8* block, int i) { return block[4 + i % 16] >> i / 16 * 4 & 15; }
