// Sums over ranks (exchange.cuh) by themselves. Blocks wait for other ranks, so no more of them are launched than have room at once.
#include "common.cuh"
#include "exchange.cuh"
#include "exchange_many.cuh"

// Adds up what all ranks have stored, in their order, into target. Returns when nothing of the sum is on its way any more.
DEVICE void add_up(const Exchange& ranks, uint32 sum, int count, float* target)
{
    bool waits = true;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        float total = -0.0f;
        for (int rank = 0; rank < ranks.size; rank++)
        {
            const uint64* slot = slots_of(ranks, ranks.rank, rank, sum) + slot_of(i);
            uint64 word = load_slot(slot);
            for (int look = 1; waits && !belongs_to(word, sum); look++)
            {
                word = load_slot(slot);
                waits = !is_abandoned(ranks, look);
            }

            total += value_of(word);
        }

        target[i] = total;
    }

    if (blockIdx.x == 0) wait_for_ranks(ranks, sum);
}

// target = Σ over ranks of partial (+ addend, where there is one). Either may be the target.
KERNEL exchange(const __grid_constant__ Exchange ranks, uint32 sum, const float* partial, const float* addend, int count, float* target)
{
    let_next_start();
    wait_for_previous();
    OwnPart own = { partial, addend, count };
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) store_partial(ranks, sum, i, own_value(own, i));
    if (blockIdx.x == 0)
    {
        for (int reader = 0; reader < ranks.size; reader++)
        {
            for (int block = threadIdx.x; block < ranks.blocks; block += blockDim.x) raise_flag(ranks, reader, block, sum);
        }
    }

    add_up(ranks, sum, count, target);
}

// The same of partials that a chain has stored.
KERNEL exchange_end(const __grid_constant__ Exchange ranks, uint32 sum, int count, float* target)
{
    let_next_start();
    wait_for_previous();
    add_up(ranks, sum, count, target);
}

// As exchange, of up to most_staged values; a block for each piece, or fewer. A block stores its next piece before it waits for one, so that pieces are
// on their way while others are added up. A piece is added up by the threads that have stored it, each its own values, so that the target may be the
// partial or the addend.
//
// Nobody waits for ever, however many blocks each rank has: the first piece that some rank has not stored is due from a block that waits for earlier
// ones only, which all ranks have stored.
KERNEL __launch_bounds__(PIECE_THREADS) exchange_many(
    const __grid_constant__ Exchange ranks, uint32 sum, const float* partial, const float* addend, int count, float* target)
{
    let_next_start();
    wait_for_previous();
    OwnPart own = { partial, addend, count };
    int pieces = (count + PIECE_VALUES - 1) / PIECE_VALUES;
    store_piece(ranks, sum, own, blockIdx.x);
    for (int piece = blockIdx.x; piece < pieces; piece += gridDim.x)
    {
        if (piece + gridDim.x < pieces) store_piece(ranks, sum, own, piece + gridDim.x);
        if (!wait_for_piece(ranks, sum, piece)) return;
        add_up_piece(ranks, sum, own, piece, target);
    }
}
