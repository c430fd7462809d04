// One layer of a cache: for each block the keys of all heads, then the values.
#include "common.cuh"
#include "levels.cuh"
#include "types.cuh"
#include "halves.cuh"

#define ROW_TYPE KEY_TYPE
#define ROW(name) key_##name
#include "row.cuh"
#undef ROW_TYPE
#undef ROW
#define ROW_TYPE VALUE_TYPE
#define ROW(name) value_##name
#include "row.cuh"
#undef ROW_TYPE
#undef ROW

struct CacheLayer
{
    uint8* start;
    long block_bytes;
    long values_start; // in a block
    int key_bytes;     // of a head in a block
    int value_bytes;
};

DEVICE uint8* key_region(const CacheLayer layer, int block, int head) { return layer.start + block * layer.block_bytes + (long)head * layer.key_bytes; }

DEVICE uint8* value_region(const CacheLayer layer, int block, int head)
{
    return layer.start + block * layer.block_bytes + layer.values_start + (long)head * layer.value_bytes;
}

// Where the step's tokens are: positions, and where in the table of blocks each token's sequence begins.
struct StepTokens
{
    const int* positions;
    const int* tables;
    const int* blocks;
};
