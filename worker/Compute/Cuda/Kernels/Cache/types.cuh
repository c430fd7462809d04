// The types of a cache, as numbers that the host passes.
#define TYPE_F32 0
#define TYPE_F16 1
#define TYPE_BF16 2
#define TYPE_Q8_0 3
#define TYPE_Q5_1 4
#define TYPE_Q5_0 5
#define TYPE_Q4_1 6
#define TYPE_Q4_0 7
#define TYPE_IQ4_NL 8

// Elements of a row that a lane takes at once.
#define EIGHTS (HEAD_DIM / 8)
