// Runs a chain (chain.cuh) on as many blocks as the device has room for at once, for up to TOKENS tokens: warps take some rows at a time, their
// lanes blocks of 32 columns. Sums are in the same order as in matrix_vector.cuh.
#include "chain.cuh"
#include "tile_ring.cuh"
#include "chain_input.cuh"
#include "row_end.cuh"

// Adds the products of a tile's blocks to the sums of its rows. first: the tile's first block in a row.
DEVICE void multiply_tile(const uint8* slot, int first, int row_blocks, int tokens, SharedRows input, float (*sums)[TOKENS])
{
    if (first + lane_id() >= row_blocks) return;
    Block w[ROWS];
#pragma unroll
    for (int row = 0; row < ROWS; row++) w[row] = block_of(slot, row);
#pragma unroll
    for (int t = 0; t < TOKENS; t++)
    {
        int start = TOKENS == 1 ? first : (t < tokens ? t : 0) * row_blocks + first;
        uint4 low = input.codes[2 * start + swizzled(2 * lane_id())], high = input.codes[2 * start + swizzled(2 * lane_id() + 1)];
        int activations[8] = { (int)low.x, (int)low.y, (int)low.z, (int)low.w, (int)high.x, (int)high.y, (int)high.z, (int)high.w };
        float2 scale = input.scales[start + lane_id()];
#pragma unroll
        for (int row = 0; row < ROWS; row++) sums[row][t] += block_product(w[row], activations, scale);
    }
}

KERNEL __launch_bounds__(CHAIN_WARPS * WARP, 1) product_chain(const __grid_constant__ ProductChain chain)
{
    extern __shared__ uint4 memory[];
    __shared__ uint64 barriers[CHAIN_WARPS][SLOTS];
    let_next_start();
    int warps = CHAIN_WARPS * gridDim.x, slot = 0;
    const uint8* tiles = (const uint8*)memory + threadIdx.x / WARP * SLOTS * SLOT_BYTES;
    uint32 ring = (uint32)__cvta_generic_to_shared(tiles), barrier = (uint32)__cvta_generic_to_shared(barriers[threadIdx.x / WARP]), phase = 0;
    begin_barriers(barrier);
    SharedRows input;
    input.codes = (uint4*)((uint8*)memory + CHAIN_WARPS * SLOTS * SLOT_BYTES);
    LanePlane lane = lane_plane();
    TileCursor ahead;
    ahead.link = ahead.matrix = 0;
    ahead.group = first_group(0);
    find_rows(chain, ahead, lane);
    for (int i = 0; i < SLOTS; i++) load_next(chain, ahead, lane, warps, ring + i * SLOT_BYTES, barrier + i * 8);
    wait_for_previous();
    for (int index = 0; index < chain.count; index++)
    {
        const ChainLink& link = chain.links[index];
        int row_blocks = link.row_blocks, first = first_group(index);
        bool waits = index == 0 || wait_for_input(chain, index);
        input.scales = (float2*)(input.codes + chain.tokens * row_blocks * 2);
        take_input(chain, link, waits, input);
        for (int matrix = 0, group = first; matrix < link.group.count; matrix++)
        {
            const MatrixPlanes& m = link.group.matrices[matrix];
            for (int groups = group_count(m); group < groups; group += warps)
            {
                RowEnd end = begin_rows(link, m, matrix, group, chain.tokens);
                float sums[ROWS][TOKENS];
#pragma unroll
                for (int i = 0; i < ROWS * TOKENS; i++) sums[i / TOKENS][i % TOKENS] = 0;
                for (int first_block = 0; first_block < row_blocks; first_block += WARP)
                {
                    wait_for_tile(barrier + slot * 8, phase);
                    multiply_tile(tiles + slot * SLOT_BYTES, first_block, row_blocks, chain.tokens, input, sums);
                    __syncwarp();
                    load_next(chain, ahead, lane, warps, ring + slot * SLOT_BYTES, barrier + slot * 8);
                    if (++slot == SLOTS) slot = 0, phase ^= 1;
                }

                end_rows(chain, link, m, matrix, end, sums);
            }

            group = group_in_next(link, m, group, first);
        }

        if (HAS_SUMS && link.output_sum) tell_ranks(chain.ranks, link.output_sum);
    }
}
