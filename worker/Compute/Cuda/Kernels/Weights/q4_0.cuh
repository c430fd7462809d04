// Q4_0: 32 elements: f16 d, 16 bytes of nibbles, byte i holds elements i and i + 16; x = d·(q - 8).
#define FILE_BLOCK 32
#define FILE_BYTES 18
#define CODE_BITS 4
#define CODE_BIAS 8
#define SCALE_KIND SCALE_PLAIN

DEVICE int file_code(const uint8* block, int i) { return block[2 + i % 16] >> i / 16 * 4 & 15; }
