// A chain: products of one weight format, each of what the one before it made, with the norm, the gating or the addition between them. One
// kernel runs them all: weights do not depend on activations, so that those of the next product are on their way while blocks wait for each other.
// Where ranks share the work, a product may be a part of a sum over them (exchange.cuh), which then is what the next one's norm takes;
// a program without such sums (HAS_SUMS 0) has nothing of it.

#include "activations.cuh"
#include "exchange.cuh"

// What the input of a product is.
#define INPUT_CODES 0  // rows that are quantized already
#define INPUT_ROWS 1   // f32 rows
#define INPUT_NORMED 2 // f32 rows to be normalized

struct ChainLink
{
    MatrixGroup group;
    int row_blocks;          // of 32 columns
    int input_kind;
    float* input;
    QuantizedRows quantized; // INPUT_CODES
    const float* gain;       // INPUT_NORMED, with the two below
    float* normed;           // where the normalized rows are kept
    float epsilon;
    int output_width;
    float* output;
    float* residual;         // what the output is added to as well; null: nothing
    float* gated;            // silu(first matrix) · second matrix; null: not wanted
    uint32 input_sum;        // the sum that is to become the input, of the link before; 0: none
    uint32 output_sum;       // the sum of which the output, added to the residual stream if there is one, is a part, written nowhere else; 0: none
};

#define MAX_LINKS 6

struct ProductChain
{
    ChainLink links[MAX_LINKS];
    int count;
    int tokens;
    uint32* arrived; // blocks that have ended a link, over all chains so far; wraps
    uint32 before;   // its value when the chain begins
    Exchange ranks;  // that sum
};

// Rows that a warp takes at once, so that what it reads of the activations serves all of them.
#define ROWS 4

DEVICE int group_count(const MatrixPlanes& m) { return (m.rows + ROWS - 1) / ROWS; }

// The rows of a link's next matrix that a warp takes after its last ones of this matrix: outputs that are gated are of the same warp as their
// gates, others follow each other as if they were rows of one matrix.
DEVICE int group_in_next(const ChainLink& link, const MatrixPlanes& m, int group, int first) { return link.gated ? first : group - group_count(m); }

// Where a warp begins. The first link's rows are for the first blocks, if they are few: the last ones often wait for a multiprocessor on which the
// kernel before still runs. Later links' are dealt out evenly.
DEVICE int first_group(int link)
{
    int warp = threadIdx.x / WARP;
    return link == 0 ? blockIdx.x * CHAIN_WARPS + warp : warp * gridDim.x + blockIdx.x;
}

// Waits until every block has come here, and what they wrote can be read (past L1, which does not notice). The release is of all that the block wrote
// before its own barrier.
DEVICE void wait_for_blocks(uint32* arrived, uint32 target)
{
    __syncthreads();
    if (threadIdx.x == 0)
    {
        asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(arrived) : "memory");
        uint32 value;
        do
        {
            asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(arrived) : "memory");
        } while ((int)(value - target) < 0);
    }

    __syncthreads();
}

// Waits for what a link needs of the one before it. False: sums mean nothing any more.
DEVICE bool wait_for_input(const ProductChain& chain, int link)
{
    uint32 sum = HAS_SUMS ? chain.links[link].input_sum : 0;
    if (sum == 0)
    {
        wait_for_blocks(chain.arrived, chain.before + link * gridDim.x);
        return true;
    }

    // Everything that the link reads is in the ranks' slots, so it is they who are waited for. This rank's blocks are counted all the same.
    if (threadIdx.x == 0) asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;" ::"l"(chain.arrived) : "memory");
    return wait_for_ranks(chain.ranks, sum);
}
