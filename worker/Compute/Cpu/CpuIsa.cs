using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu;

/// <summary>The instruction sets that kernels are compiled for.</summary>
internal enum CpuIsa
{
    /// <summary>128-bit operations that every processor of .NET has in some form: slow, always there.</summary>
    Portable,

    /// <summary>ARM64 with 128-bit vectors; byte dot products where the processor has them.</summary>
    AdvSimd,

    /// <summary>x86-64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x86-64 with AVX-512 F and BW.</summary>
    Avx512,
}

/// <summary>What this processor can run.</summary>
internal static class CpuIsaExtensions
{
    extension(CpuIsa isa)
    {
        /// <summary>The best that this processor runs.</summary>
        public static CpuIsa Best =>
            CpuIsa.Avx512.IsSupported ? CpuIsa.Avx512
            : CpuIsa.Avx2.IsSupported ? CpuIsa.Avx2
            : CpuIsa.AdvSimd.IsSupported ? CpuIsa.AdvSimd
            : CpuIsa.Portable;

        public bool IsSupported => isa switch
        {
            CpuIsa.Portable => true,
            CpuIsa.AdvSimd => System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported,
            CpuIsa.Avx2 => System.Runtime.Intrinsics.X86.Avx2.IsSupported && Fma.IsSupported,
            CpuIsa.Avx512 => Avx512F.IsSupported && Avx512BW.IsSupported,
            _ => false,
        };

        /// <summary>The name that users see, as in <c>avx2</c>.</summary>
        public string Name => isa switch
        {
            CpuIsa.AdvSimd => Dp.IsSupported ? "advsimd+dp" : "advsimd",
            CpuIsa.Avx2 => "avx2",
            CpuIsa.Avx512 => "avx512",
            _ => "portable",
        };
    }
}
