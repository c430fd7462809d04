// Pieces of sums of many values (exchange.cuh). Values stand as they are, where a slot would need twice the bytes, and a piece has a word that says whose
// sum it is of: written when all of the piece has been stored, looked at before any of it is read. The word is of odd or of even sums like the piece, so
// no later number can have come over the one that is waited for. A rank reads its own part where it is.

#define PIECE_THREADS 512
#define FOURS_AT_ONCE 4
#define PIECE_FOURS (PIECE_THREADS * FOURS_AT_ONCE)
#define PIECE_VALUES (4 * PIECE_FOURS)

// What this rank adds to a sum.
struct OwnPart
{
    const float* partial;
    const float* addend; // null: none
    int count;
};

DEVICE float* all_staged(const Exchange& ranks, int reader) { return (float*)(all_slots(ranks, reader) + 2L * ranks.size * MOST_VALUES); }

DEVICE float* staged_of(const Exchange& ranks, int reader, int source, uint32 sum)
{
    return all_staged(ranks, reader) + part_of(ranks, source, sum) * ranks.most_staged;
}

DEVICE uint32* ready_of(const Exchange& ranks, int reader, int source, uint32 sum)
{
    uint32* ready = (uint32*)(all_staged(ranks, reader) + 2L * ranks.size * ranks.most_staged);
    return ready + part_of(ranks, source, sum) * (ranks.most_staged / PIECE_VALUES);
}

DEVICE float4 add_fours(float4 a, float4 b) { return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w); }

// A thread's fours of a piece are PIECE_THREADS apart.
DEVICE int first_four(int piece) { return piece * PIECE_FOURS + threadIdx.x; }

// The value behind the last whole four that is the thread's; -1: none.
DEVICE int value_behind(const OwnPart& own, int piece)
{
    int index = own.count / 4 * 4 + threadIdx.x;
    return piece == own.count / PIECE_VALUES && index < own.count ? index : -1;
}

DEVICE float own_value(const OwnPart& own, int index) { return own.addend ? own.addend[index] + own.partial[index] : own.partial[index]; }

// 0 behind the last whole four.
DEVICE void load_own_fours(const OwnPart& own, int first, float4* fours)
{
#pragma unroll
    for (int k = 0; k < FOURS_AT_ONCE; k++)
    {
        int i = first + k * PIECE_THREADS;
        fours[k] = i < own.count / 4 ? ((const float4*)own.partial)[i] : make_float4(0, 0, 0, 0);
    }

    if (!own.addend) return;
#pragma unroll
    for (int k = 0; k < FOURS_AT_ONCE; k++)
    {
        int i = first + k * PIECE_THREADS;
        if (i < own.count / 4) fours[k] = add_fours(((const float4*)own.addend)[i], fours[k]);
    }
}

// Values that another device has stored: never what L1 has of them.
DEVICE float4 load_staged_four(const float4* address)
{
    float4 x;
    asm volatile("ld.relaxed.sys.global.v4.f32 {%0, %1, %2, %3}, [%4];" : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w) : "l"(address) : "memory");
    return x;
}

DEVICE float load_staged(const float* address) { return __uint_as_float(load_shared((const uint32*)address)); }

// Whether the thread tells, or is told by, another rank: the one of its number.
DEVICE bool has_peer(const Exchange& ranks) { return threadIdx.x < ranks.size && threadIdx.x != ranks.rank; }

// Gives the other ranks this one's piece; each begins with another one, so that no rank is stored to by all at once. The release is of all that the
// block wrote before its barrier.
DEVICE void store_piece(const Exchange& ranks, uint32 sum, const OwnPart& own, int piece)
{
    int first = first_four(piece), behind = value_behind(own, piece);
    float4 fours[FOURS_AT_ONCE];
    load_own_fours(own, first, fours);
#pragma unroll 1
    for (int hop = 1; hop < ranks.size; hop++)
    {
        float* staged = staged_of(ranks, (ranks.rank + hop) % ranks.size, ranks.rank, sum);
#pragma unroll
        for (int k = 0; k < FOURS_AT_ONCE; k++)
        {
            int i = first + k * PIECE_THREADS;
            if (i < own.count / 4) ((float4*)staged)[i] = fours[k];
        }

        if (behind >= 0) staged[behind] = own_value(own, behind);
    }

    __syncthreads();
    if (!has_peer(ranks)) return;
    uint32* ready = ready_of(ranks, threadIdx.x, ranks.rank, sum) + piece;
    asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(ready), "r"(sum) : "memory");
}

DEVICE uint32 load_ready(const uint32* address)
{
    uint32 value;
    asm volatile("ld.acquire.sys.global.u32 %0, [%1];" : "=r"(value) : "l"(address) : "memory");
    return value;
}

// Waits until all other ranks have stored the piece. False: nobody is to be waited for.
DEVICE bool wait_for_piece(const Exchange& ranks, uint32 sum, int piece)
{
    bool gives_up = false;
    if (has_peer(ranks))
    {
        const uint32* ready = ready_of(ranks, ranks.rank, threadIdx.x, sum) + piece;
        for (int look = 1; !gives_up && load_ready(ready) != sum; look++) gives_up = is_abandoned(ranks, look);
    }

    return !__syncthreads_or(gives_up);
}

// Adds up what all ranks have of a piece, in their order.
DEVICE void add_up_piece(const Exchange& ranks, uint32 sum, const OwnPart& own, int piece, float* target)
{
    int first = first_four(piece), behind = value_behind(own, piece);
    float4 totals[FOURS_AT_ONCE];
#pragma unroll
    for (int k = 0; k < FOURS_AT_ONCE; k++) totals[k] = make_float4(-0.0f, -0.0f, -0.0f, -0.0f);
    float total = -0.0f;
#pragma unroll 1
    for (int rank = 0; rank < ranks.size; rank++)
    {
        const float* staged = staged_of(ranks, ranks.rank, rank, sum);
        float4 fours[FOURS_AT_ONCE];
        if (rank == ranks.rank) load_own_fours(own, first, fours);
#pragma unroll
        for (int k = 0; k < FOURS_AT_ONCE; k++)
        {
            int i = first + k * PIECE_THREADS;
            if (rank != ranks.rank) fours[k] = i < own.count / 4 ? load_staged_four((const float4*)staged + i) : make_float4(0, 0, 0, 0);
        }

#pragma unroll
        for (int k = 0; k < FOURS_AT_ONCE; k++) totals[k] = add_fours(totals[k], fours[k]);
        if (behind >= 0) total += rank == ranks.rank ? own_value(own, behind) : load_staged(staged + behind);
    }

#pragma unroll
    for (int k = 0; k < FOURS_AT_ONCE; k++)
    {
        int i = first + k * PIECE_THREADS;
        if (i < own.count / 4) ((float4*)target)[i] = totals[k];
    }

    if (behind >= 0) target[behind] = total;
}
