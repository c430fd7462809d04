using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Plain the upper half of 32-bit floats.</summary>
internal readonly unsafe struct BF16Format<TIsa, TVector> : IElementFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int ColumnBytes => 32;

    public static bool IsSingle => false;

    public static ActivationForm VectorForm => ActivationForm.Plain;

    public static float VectorFactor => 1;

    public static float WeightFactor => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* column, int offset) => TIsa.LoadBFloat16(column, offset);
}
