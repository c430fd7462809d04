// Sums over ranks whose devices write to each other's memory. Each rank has a region in its own memory, which all of them write to:
//
//   uint32 flags[MAX_FLAGS];               a word for each block of each rank: the last sum whose partials it has stored
//   uint64 slots[2][size][MOST_VALUES];    of odd and of even sums, the partials of each rank
//   float staged[2][size][most_staged];    the same of sums of many values (exchange_many.cuh)
//   uint32 ready[2][size][most_staged / PIECE_VALUES];
//
// A slot has a value and, above it, the number of the sum that it belongs to. They are written and read as one word, so nothing needs a fence: who
// finds the number has the value. Flags only tell when it is worth looking, so that nobody takes away the memory's time from those who still
// multiply.
//
// The slots of a sum are those of the last but one. All of its readers are through by then: a rank stores partials of sum n + 2 when it has everybody's
// of sum n + 1, and these are stored when all blocks of their rank have read sum n. So between the reading of a sum and the partials of the next one,
// each rank must have a barrier of all its blocks, or the end of a kernel. Sums of few and of many values take their numbers in turn and keep to this
// alike: those of many values have a kernel of their own, which stores nothing before the kernel of the sum before it has ended, and ends when it has
// read everybody's partials.

#define MAX_RANKS 8
#define MAX_FLAGS 2048
#define MOST_VALUES 65536

struct Exchange
{
    uint8* regions[MAX_RANKS]; // where this rank reaches them, its own one too
    const uint32* abandoned;   // in the host's memory; not 0: nobody is to be waited for any more, sums mean nothing
    int rank;
    int size;
    int first_flag;            // of this rank's blocks
    int blocks;                // of this rank
    int flags;                 // of all ranks' blocks
    int most_staged;           // values of a sum at most
};

// Looks at slots or flags between two looks at the host's word, which is far away.
#define LOOKS 1024

DEVICE uint32 load_shared(const uint32* address)
{
    uint32 value;
    asm volatile("ld.relaxed.sys.global.u32 %0, [%1];" : "=r"(value) : "l"(address) : "memory");
    return value;
}

DEVICE bool is_abandoned(const Exchange& ranks, int look) { return look % LOOKS == 0 && load_shared(ranks.abandoned) != 0; }

DEVICE uint64* all_slots(const Exchange& ranks, int reader) { return (uint64*)(ranks.regions[reader] + MAX_FLAGS * sizeof(uint32)); }

// Which of a region's parts has a rank's partials.
DEVICE long part_of(const Exchange& ranks, int source, uint32 sum) { return (sum & 1) * ranks.size + source; }

DEVICE uint64* slots_of(const Exchange& ranks, int reader, int source, uint32 sum)
{
    return all_slots(ranks, reader) + part_of(ranks, source, sum) * MOST_VALUES;
}

// Where the slot of the first of four neighbouring values is, and the second's behind it; the others' are SLOT_PAIRS further on. So a warp that takes
// fours reads sixteen bytes a lane without gaps.
#define SLOT_PAIRS (2 * WARP)
DEVICE uint32 slot_of_four(uint32 four) { return four / WARP * (4 * WARP) + four % WARP * 2; }

DEVICE uint32 slot_of(uint32 index) { return slot_of_four(index / 4) + index % 4 / 2 * SLOT_PAIRS + index % 2; }

// Gives all ranks this one's part of a value of a sum.
DEVICE void store_partial(const Exchange& ranks, uint32 sum, int index, float value)
{
    uint64 word = (uint64)sum << 32 | __float_as_uint(value);
    for (int reader = 0; reader < ranks.size; reader++)
        asm volatile("st.relaxed.sys.global.u64 [%0], %1;" ::"l"(slots_of(ranks, reader, ranks.rank, sum) + slot_of(index)), "l"(word) : "memory");
}

DEVICE void raise_flag(const Exchange& ranks, int reader, int block, uint32 sum)
{
    uint32* flag = (uint32*)ranks.regions[reader] + ranks.first_flag + block;
    asm volatile("st.relaxed.sys.global.u32 [%0], %1;" ::"l"(flag), "r"(sum) : "memory");
}

// The block has stored its partials.
DEVICE void tell_ranks(const Exchange& ranks, uint32 sum)
{
    __syncthreads();
    if (threadIdx.x < ranks.size) raise_flag(ranks, threadIdx.x, blockIdx.x, sum);
}

// Waits until all blocks of all ranks have stored their partials; some may still be on their way. False: nobody is to be waited for. A rank that is
// ahead may have raised its flags for the next sum already.
DEVICE bool wait_for_ranks(const Exchange& ranks, uint32 sum)
{
    const uint32* flags = (const uint32*)ranks.regions[ranks.rank];
    bool gives_up = false;
    for (int i = threadIdx.x; i < ranks.flags; i += blockDim.x)
    {
        for (int look = 1; !gives_up && (int)(load_shared(flags + i) - sum) < 0; look++) gives_up = is_abandoned(ranks, look);
    }

    return !__syncthreads_or(gives_up);
}

DEVICE uint64 load_slot(const uint64* slot)
{
    uint64 word;
    asm volatile("ld.relaxed.sys.global.u64 %0, [%1];" : "=l"(word) : "l"(slot) : "memory");
    return word;
}

DEVICE bool belongs_to(uint64 word, uint32 sum) { return (uint32)(word >> 32) == sum; }

DEVICE float value_of(uint64 word) { return __uint_as_float((uint32)word); }
