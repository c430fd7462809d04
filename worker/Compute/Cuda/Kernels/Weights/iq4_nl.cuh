// IQ4_NL: 32 elements: f16 d, 16 bytes of nibbles as in Q4_0; x = d·level[q].
#define FILE_BLOCK 32
#define FILE_BYTES 18
#define CODE_BITS 4
#define CODE_BIAS 0
#define CODE_LEVELS
#define SCALE_KIND SCALE_PLAIN

DEVICE int file_code(const uint8* block, int i) { return block[2 + i % 16] >> i / 16 * 4 & 15; }
