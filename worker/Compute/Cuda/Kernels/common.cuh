// What all kernels share: names of types, conversions, reductions over a warp. No header of a CUDA toolkit is needed.

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;

#define KERNEL extern "C" __global__ void
#define DEVICE static __device__ __forceinline__
#define GLOBAL // where OpenCL C, which shares some of the files, says __global
#define WARP 32
#define ALL_LANES 0xffffffffu
#define NEGATIVE_INFINITY __int_as_float(0xff800000)
#define LOG2E 1.44269504088896f

DEVICE int lane_id() { return threadIdx.x & (WARP - 1); }

DEVICE float half_to_float(uint16 bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}

DEVICE uint16 float_to_half(float value)
{
    uint16 bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

DEVICE uint32 floats_to_halves(float low, float high) { return (uint32)float_to_half(low) | (uint32)float_to_half(high) << 16; }

DEVICE float bfloat_to_float(uint16 bits) { return __uint_as_float((uint32)bits << 16); }

// To the nearest, halves to even; what is no number stays none.
DEVICE uint16 float_to_bfloat(float value)
{
    uint32 bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16)((bits >> 16) | 0x40);
    return (uint16)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

// sum + four signed bytes of a times four of b.
DEVICE int dot_four(int a, int b, int sum)
{
    int result;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

// The same with unsigned bytes of a.
DEVICE int dot_four_unsigned(uint32 a, int b, int sum)
{
    int result;
    asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

DEVICE float exp2_fast(float x)
{
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
}

DEVICE float silu(float x) { return x / (1.0f + __expf(-x)); }

DEVICE float warp_sum(float x)
{
#pragma unroll
    for (int mask = WARP / 2; mask > 0; mask /= 2) x += __shfl_xor_sync(ALL_LANES, x, mask);
    return x;
}

DEVICE float warp_max(float x)
{
#pragma unroll
    for (int mask = WARP / 2; mask > 0; mask /= 2) x = fmaxf(x, __shfl_xor_sync(ALL_LANES, x, mask));
    return x;
}

// A kernel may start while the one before it ends (programmatic dependent launch): what comes before wait_for_previous() must touch
// nothing that an earlier kernel of the step writes. Every kernel calls it, so completion is transitive, and a kernel may let the next one
// start as soon as it runs itself: that one's launch, and its first weights, then cost no time of their own.
DEVICE void wait_for_previous()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

DEVICE void let_next_start()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;");
#endif
}
