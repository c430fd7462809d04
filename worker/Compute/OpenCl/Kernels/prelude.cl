// What all kernels share, and the names that CUDA C has, so that the files of formats (Cuda/Kernels/Weights) are read by both. Nothing is
// needed that OpenCL 1.2 does not have in every device.

// Bytes are only ever pointed at, in the device's memory.
#define uint8 __global uchar
#define uint16 ushort
#define uint32 uint
#define uint64 ulong

#define GLOBAL __global
#define LOCAL __local
#define KERNEL __kernel void
#define DEVICE static
#define GROUP_OF(items) __attribute__((reqd_work_group_size(items, 1, 1)))
#define LOG2E 1.44269504088896f

#define threadIdx ((uint3)((uint)get_local_id(0), 0, 0))
#define blockIdx ((uint3)((uint)get_group_id(0), (uint)get_group_id(1), (uint)get_group_id(2)))
#define blockDim ((uint3)((uint)get_local_size(0), 1, 1))
#define gridDim ((uint3)((uint)get_num_groups(0), (uint)get_num_groups(1), (uint)get_num_groups(2)))
#define make_float2(x, y) ((float2)(x, y))

// Kernels run one after the other.
#define let_next_start()
#define wait_for_previous()

DEVICE void meet(void) { barrier(CLK_LOCAL_MEM_FENCE); }

DEVICE float half_to_float(ushort bits) { return vload_half(0, (const __private half*)&bits); }

DEVICE ushort float_to_half(float value)
{
    ushort bits;
    vstore_half_rte(value, 0, (__private half*)&bits);
    return bits;
}

DEVICE float bfloat_to_float(ushort bits) { return as_float((uint)bits << 16); }

// To the nearest, halves to even; what is no number stays none.
DEVICE ushort float_to_bfloat(float value)
{
    uint bits = as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (ushort)((bits >> 16) | 0x40);
    return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

// sum + four signed bytes of a times four of b; then the same with unsigned bytes of a.
#if defined(cl_khr_integer_dot_product) && defined(__opencl_c_integer_dot_product_input_4x8bit_packed)
#pragma OPENCL EXTENSION cl_khr_integer_dot_product : enable
DEVICE int dot_four(int a, int b, int sum) { return sum + dot_4x8packed_ss_int((uint)a, (uint)b); }
DEVICE int dot_four_unsigned(uint a, int b, int sum) { return sum + dot_4x8packed_us_int(a, (uint)b); }
#else
DEVICE int dot_four(int a, int b, int sum)
{
    int4 x = convert_int4(as_char4(a)), y = convert_int4(as_char4(b));
    return sum + x.s0 * y.s0 + x.s1 * y.s1 + x.s2 * y.s2 + x.s3 * y.s3;
}
DEVICE int dot_four_unsigned(uint a, int b, int sum)
{
    int4 x = convert_int4(as_uchar4(a)), y = convert_int4(as_char4(b));
    return sum + x.s0 * y.s0 + x.s1 * y.s1 + x.s2 * y.s2 + x.s3 * y.s3;
}
#endif

// Bytes of the eight of a and b, chosen by nibbles.
DEVICE uint __byte_perm(uint a, uint b, uint nibbles)
{
    ulong both = (ulong)b << 32 | a;
    uint result = 0;
#pragma unroll
    for (int k = 0; k < 4; k++) result |= ((uint)(both >> (nibbles >> 4 * k & 7) * 8) & 255) << 8 * k;
    return result;
}

// Products and sums that are not to be rounded as one.
#pragma OPENCL FP_CONTRACT OFF
DEVICE float __fmul_rn(float x, float y) { return x * y; }
DEVICE float __fadd_rn(float x, float y) { return x + y; }
#pragma OPENCL FP_CONTRACT ON
