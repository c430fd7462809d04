using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly struct Q8_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q8_0;

    public static int Bias => 0;

    public static bool HasMinimum => false;
}
