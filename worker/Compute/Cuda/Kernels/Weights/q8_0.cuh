// Q8_0: 32 elements: f16 d, 32 × int8; x = d·q.
#define FILE_BLOCK 32
#define FILE_BYTES 34
#define CODE_BITS 8
#define CODE_BIAS 0
#define SCALE_KIND SCALE_PLAIN

DEVICE int file_code(const uint8* block, int i) { return (signed char)block[2 + i]; }
