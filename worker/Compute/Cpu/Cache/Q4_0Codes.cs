using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly struct Q4_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q4_0;

    public static int Bias => 8;

    public static bool HasMinimum => false;
}
