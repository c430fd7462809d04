using System.Diagnostics;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Limits;

/// <summary>
/// The integer products that prefill consists of, by every thread of a team and without the rest of prefill: 4-bit levels in registers times
/// 8-bit activations in the first-level cache, with as few sums as the instruction set allows.
/// </summary>
internal abstract class IntegerPeak(ThreadTeam team) : TeamTask
{
    /// <summary>Multiply-adds of one thread.</summary>
    protected const long MultiplyAddsPerThread = 1L << 30;

    /// <summary>For the instruction set that kernels use.</summary>
    public static IntegerPeak Create(CpuIsa isa, ThreadTeam team) => isa switch
    {
        CpuIsa.Avx512 => new PanelIntegerPeak<Avx512Isa, Vector512<byte>>(team),
        CpuIsa.Avx2 => new PanelIntegerPeak<Avx2Isa, Vector256Pair>(team),
        CpuIsa.AdvSimd => new PanelIntegerPeak<AdvSimdIsa, Vector128Quad>(team),
        _ => new PanelIntegerPeak<PortableIsa, Vector128Quad>(team),
    };

    /// <summary>Multiply-adds a second.</summary>
    public double Measure()
    {
        var began = Stopwatch.GetTimestamp();
        team.Run(this);
        return (double)MultiplyAddsPerThread * team.ThreadCount / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
