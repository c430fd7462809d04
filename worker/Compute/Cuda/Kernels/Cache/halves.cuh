// Pairs of f16 in a word, and products of them on tensor cores.

DEVICE uint32 to_halves(float low, float high)
{
    uint32 r;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
    return r;
}

// What f16 leaves of two floats, as f16: both together are as good as f32.
DEVICE uint32 rest_of_halves(float low, float high, uint32 halves)
{
    return to_halves(low - half_to_float((uint16)halves), high - half_to_float((uint16)(halves >> 16)));
}

DEVICE uint32 multiply_halves(uint32 a, uint32 b)
{
    uint32 r;
    asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

DEVICE uint32 multiply_add_halves(uint32 a, uint32 b, uint32 c)
{
    uint32 r;
    asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
    return r;
}

DEVICE uint32 subtract_halves(uint32 a, uint32 b)
{
    uint32 r;
    asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

// Bytes 0 and 1 of a word, or 2 and 3, less a bias: below the exponent of 1024 a byte counts ones.
DEVICE uint32 halves_of_bytes(uint32 bytes, int upper, uint32 bias)
{
    return subtract_halves(__byte_perm(bytes, 0x64646464u, upper ? 0x4342 : 0x4140), (0x6400u + bias) * 0x00010001u);
}

// sum += A·B of 16 × 16 and 16 × 8 elements. With group = lane / 4 and c = lane % 4 a lane has of A rows group and group + 8 of columns 2c and 2c + 1
// (a[0], a[1]), then of columns 2c + 8 and 2c + 9; of B those rows of column group; of the sum rows group and group + 8 of columns 2c and 2c + 1.
DEVICE void multiply_tiles(float* sum, uint32 a0, uint32 a1, uint32 a2, uint32 a3, uint32 b0, uint32 b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

// An 8 × 8 matrix, of which a lane has elements 2c and 2c + 1 of row group, transposed.
DEVICE uint32 transposed(uint32 pair)
{
    uint32 r;
    asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(r) : "r"(pair));
    return r;
}
