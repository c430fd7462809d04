// Rows of a block of the cache, to and from file format. A warp a block of 32 elements of a row.
#include "layer.cuh"

#define BLOCKS_OF_ROW ((HEAD_DIM + WARP - 1) / WARP)

#define COPY_ROWS(kernel, part, direction, QUALIFIER) \
    KERNEL kernel(uint8* region, int first_slot, int count, int row_bytes, QUALIFIER uint8* file) \
    { \
        wait_for_previous(); \
        int item = blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP; \
        int row = item / BLOCKS_OF_ROW, block = item % BLOCKS_OF_ROW; \
        if (row >= count || (HEAD_DIM % WARP != 0 && block * WARP + lane_id() >= HEAD_DIM)) return; \
        part##_##direction(region, first_slot + row, block, file + (long)row * row_bytes); \
    }

COPY_ROWS(read_keys, key, to_file, )
COPY_ROWS(read_values, value, to_file, )
COPY_ROWS(write_keys, key, from_file, const)
COPY_ROWS(write_values, value, from_file, const)
