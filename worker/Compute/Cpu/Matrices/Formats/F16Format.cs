using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Plain 16-bit floats of five exponent bits.</summary>
internal readonly unsafe struct F16Format<TIsa, TVector> : IElementFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int ColumnBytes => 32;

    public static bool IsSingle => false;

    public static ActivationForm VectorForm => ActivationForm.Raised;

    public static float VectorFactor => ResultFactors.Scaled;

    public static float WeightFactor => ResultFactors.HalfScaled;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* column, int offset) => TIsa.LoadHalfScaled(column, offset);
}
