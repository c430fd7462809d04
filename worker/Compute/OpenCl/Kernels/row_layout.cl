// How keys or values of one head and one block of the cache stand: codes of all its tokens, then their fifth bits, then scales, each in the
// order of the file format. Included for ROW_TYPE, with what it defines taken back by row_end.cl.
#if ROW_TYPE == TYPE_Q8_0
#define ROW_BITS 8
#elif ROW_TYPE == TYPE_Q5_1 || ROW_TYPE == TYPE_Q5_0
#define ROW_BITS 5
#elif ROW_TYPE == TYPE_Q4_1 || ROW_TYPE == TYPE_Q4_0 || ROW_TYPE == TYPE_IQ4_NL
#define ROW_BITS 4
#elif ROW_TYPE == TYPE_F32
#define ROW_BITS 32
#else
#define ROW_BITS 16
#endif
#if ROW_TYPE == TYPE_Q5_1 || ROW_TYPE == TYPE_Q4_1
#define ROW_MINIMUM
#define ROW_SCALE_BYTES 4
#elif ROW_BITS <= 8
#define ROW_SCALE_BYTES 2
#else
#define ROW_SCALE_BYTES 0
#endif
#define ROW_CODE_BITS (ROW_BITS == 5 ? 4 : ROW_BITS)
#define ROW_HIGH (BLOCK_TOKENS * HEAD_DIM * ROW_CODE_BITS / 8)
#define ROW_SCALES (ROW_HIGH + (ROW_BITS == 5 ? BLOCK_TOKENS * HEAD_DIM / 8 : 0))
#define ROW_REGION (ROW_SCALES + BLOCK_TOKENS * HEAD_DIM / 32 * ROW_SCALE_BYTES)
