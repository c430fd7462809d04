// Sums over ranks (exchange.cuh) by themselves. A thread waits for what the same threads of the other ranks store, so few blocks are enough, and
// all of them have room at once.
#include "common.cuh"
#include "exchange.cuh"

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
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
        store_partial(ranks, sum, i, addend ? addend[i] + partial[i] : partial[i]);
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
