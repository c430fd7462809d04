using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>The integers are the format's levels, which <see cref="FourBitLevels"/> looks up.</summary>
internal readonly struct IQ4_NLCodes : ICodeFormat
{
    public static TensorType Type => TensorType.IQ4_NL;

    public static int Bias => FourBitLevels.Bias;

    public static bool HasMinimum => false;
}
