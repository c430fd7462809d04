// Q5_0: 32 elements: f16 d, 32 high bits, 16 bytes of nibbles as in Q4_0; x = d·(q - 16).
#define FILE_BLOCK 32
#define FILE_BYTES 22
#define CODE_BITS 5
#define CODE_BIAS 16
#define SCALE_KIND SCALE_PLAIN

DEVICE int file_code(const uint8* block, int i) { return (block[6 + i % 16] >> i / 16 * 4 & 15) | (block[2 + i / 8] >> i % 8 & 1) << 4; }
