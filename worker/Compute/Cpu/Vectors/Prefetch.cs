using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>Asks for memory before it is needed, where the processor takes such hints.</summary>
internal static unsafe class Prefetch
{
    private const int LineBytes = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(byte* start, long bytes)
    {
        if (!Sse.IsSupported) return;
        for (long i = 0; i < bytes; i += LineBytes) Sse.Prefetch0(start + i);
    }
}
