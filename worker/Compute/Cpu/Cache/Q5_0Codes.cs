using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly struct Q5_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q5_0;

    public static int Bias => 16;

    public static bool HasMinimum => false;
}
