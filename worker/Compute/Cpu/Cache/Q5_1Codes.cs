using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly struct Q5_1Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q5_1;

    public static int Bias => 0;

    public static bool HasMinimum => true;
}
