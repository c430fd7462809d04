using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Plain 32-bit floats.</summary>
internal readonly unsafe struct F32Format<TIsa, TVector> : IElementFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int ColumnBytes => 64;

    public static bool IsSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* column) => TIsa.Load(column);
}
