// Each warp's ring of tiles in shared memory: SLOTS tiles of weights, a block for each lane of each of ROWS neighbouring rows. They are copied
// there by the memory system itself, in the order in which the warp multiplies them, over all links of a chain.
//
// A slot has a tile's codes, scales, high bits and shared scales one after the other, of each what the first row has, then the second, and so on.

#define CODE_BYTES (CODE_WORDS * 4)
#ifdef HAS_HIGH_BITS
#define HIGH_BYTES (HIGH_WORDS * 4)
#else
#define HIGH_BYTES 0
#endif
#define SCALE_BYTES (int)sizeof(SCALE)
#ifdef SUPER_SCALE
#define SUPER_BYTES (int)sizeof(SUPER_SCALE)
#else
#define SUPER_BYTES 0
#endif
#define SCALE_START (ROWS * WARP * CODE_BYTES)
#define HIGH_START (SCALE_START + ROWS * WARP * SCALE_BYTES)
#define SUPER_START (HIGH_START + ROWS * WARP * HIGH_BYTES)
#define SLOT_BYTES (SUPER_START + ROWS * WARP / 8 * SUPER_BYTES)

// What eight blocks have of all planes.
#define EIGHT_BYTES (8 * (CODE_BYTES + SCALE_BYTES + HIGH_BYTES) + SUPER_BYTES)

// The row of a tile and the plane that a lane copies: lanes of a plane stand together.
struct LanePlane
{
    int row;
    int plane;       // codes, scales, high bits, shared scales
    int eight_bytes; // of eight blocks; 0: the lane copies nothing
    uint32 place;    // in a slot
};

DEVICE LanePlane lane_plane()
{
    const int bytes[4] = { 8 * CODE_BYTES, 8 * SCALE_BYTES, 8 * HIGH_BYTES, SUPER_BYTES };
    const int starts[4] = { 0, SCALE_START, HIGH_START, SUPER_START };
    LanePlane p = { lane_id() % ROWS, lane_id() / ROWS, 0, 0 };
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        if (p.plane == i) p.eight_bytes = bytes[i], p.place = starts[i] + p.row * (WARP / 8) * bytes[i];
    }

    return p;
}

// What is to be copied next: a tile of some rows of a matrix, and what is left of them.
struct TileCursor
{
    int link;
    int matrix;
    int group;
    int rows;            // of the group
    int left;            // blocks of each row; 0: the chain is over
    int eight_bytes;     // that the lane copies of eight blocks
    const uint8* source; // of the lane's row and plane
};

// Goes to the beginning of the cursor's rows, in the matrix where it is or one behind it.
DEVICE void find_rows(const ProductChain& chain, TileCursor& cursor, const LanePlane& lane)
{
    for (; cursor.link < chain.count; cursor.link++, cursor.matrix = 0, cursor.group = first_group(cursor.link))
    {
        const ChainLink& link = chain.links[cursor.link];
        for (; cursor.matrix < link.group.count; cursor.matrix++)
        {
            const MatrixPlanes& m = link.group.matrices[cursor.matrix];
            if (cursor.group < group_count(m))
            {
                const void* plane = lane.plane == 0 ? m.codes : lane.plane == 1 ? m.scales : lane.plane == 2 ? m.high : m.super_scales;
                cursor.source = (const uint8*)plane + (long)(ROWS * cursor.group + lane.row) * (link.row_blocks / 8 * lane.eight_bytes);
                cursor.rows = min(ROWS, m.rows - ROWS * cursor.group);
                cursor.eight_bytes = lane.row < cursor.rows ? lane.eight_bytes : 0;
                cursor.left = link.row_blocks;
                return;
            }

            cursor.group = group_in_next(link, m, cursor.group, first_group(cursor.link));
        }
    }

    cursor.left = 0;
}

// Tells a slot's barrier how much is to arrive.
DEVICE void expect_bytes(uint32 barrier, int bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Weights are read once a step: what is to stay in the L2 cache is everything else.
DEVICE void copy_bytes(uint32 target, const uint8* source, int bytes, uint32 barrier)
{
    uint64 policy;
    asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::"r"(target), "l"(source),
                 "r"(bytes), "r"(barrier), "l"(policy)
                 : "memory");
}

// Begins to copy the cursor's tile, and moves the cursor on. warps: of all blocks.
DEVICE void load_next(const ProductChain& chain, TileCursor& cursor, const LanePlane& lane, int warps, uint32 slot, uint32 barrier)
{
    if (cursor.left == 0) return;
    int eights = min(WARP, cursor.left) / 8, bytes = eights * cursor.eight_bytes;
    if (lane_id() == 0) expect_bytes(barrier, cursor.rows * eights * EIGHT_BYTES);
    if (bytes > 0) copy_bytes(slot + lane.place, cursor.source, bytes, barrier);
    cursor.source += bytes;
    cursor.left -= eights * 8;
    if (cursor.left > 0) return;
    cursor.group += warps;
    find_rows(chain, cursor, lane);
}

// Waits for what a slot's barrier was told.
DEVICE void wait_for_tile(uint32 barrier, uint32 phase)
{
    asm volatile(
        "{\n"
        ".reg .pred done;\n"
        "again:\n"
        "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
        "@!done bra again;\n"
        "}" ::"r"(barrier), "r"(phase)
        : "memory");
}

DEVICE void begin_barriers(uint32 barriers)
{
    if (lane_id() < SLOTS) asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barriers + lane_id() * 8) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    __syncwarp();
}

// The lane's block of a row of a tile.
DEVICE Block block_of(const uint8* slot, int row)
{
    Block b;
    int block = row * WARP + lane_id();
    const uint4* codes = (const uint4*)slot + block * (CODE_BYTES / 16);
    uint4 v[CODE_BYTES / 16];
    if constexpr (CODE_BYTES == 32)
    {
        // Of each eight lanes four begin with the second half, so that all read from different banks.
        bool is_swapped = (lane_id() & 4) != 0;
        uint4 a = codes[is_swapped], c = codes[!is_swapped];
        v[0] = is_swapped ? c : a;
        v[CODE_BYTES / 16 - 1] = is_swapped ? a : c;
    }
    else
    {
        v[0] = codes[0];
    }

#pragma unroll
    for (int i = 0; i < CODE_BYTES / 16; i++)
    {
        b.codes[4 * i] = v[i].x;
        b.codes[4 * i + 1] = v[i].y;
        b.codes[4 * i + 2] = v[i].z;
        b.codes[4 * i + 3] = v[i].w;
    }
#ifdef HAS_HIGH_BITS
#pragma unroll
    for (int i = 0; i < HIGH_WORDS; i++) b.high[i] = ((const uint32*)(slot + HIGH_START))[block * HIGH_WORDS + i];
#endif
    b.scale = ((const SCALE*)(slot + SCALE_START))[block];
#ifdef SUPER_SCALE
    b.super_scale = ((const SUPER_SCALE*)(slot + SUPER_START))[block / 8];
#endif
    return b;
}
