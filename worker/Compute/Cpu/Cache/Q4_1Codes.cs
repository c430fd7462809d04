using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly struct Q4_1Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q4_1;

    public static int Bias => 0;

    public static bool HasMinimum => true;
}
