using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Plain 32-bit floats.</summary>
internal readonly unsafe struct F32Format<TIsa, TVector> : IElementFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int ColumnBytes => 64;

    public static bool IsSingle => true;

    public static ActivationForm VectorForm => ActivationForm.Plain;

    public static float VectorFactor => 1;

    public static float WeightFactor => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* column, int offset) => TIsa.Load(column, offset);
}
