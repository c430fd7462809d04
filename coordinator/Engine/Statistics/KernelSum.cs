using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>What the launches of one kernel for one part of steps came to on a rank.</summary>
/// <param name="Name">The kernel, or the kind of copy.</param>
/// <param name="Part">What it worked for.</param>
/// <param name="Launches">One that worked for several parts counts in each.</param>
/// <param name="Nanoseconds">On the device.</param>
/// <param name="Bytes">What it had to read and write at least.</param>
/// <param name="MultiplyAdds">Of products of matrices and of attention.</param>
internal readonly record struct KernelSum(string Name, KernelPart Part, long Launches, long Nanoseconds, long Bytes, long MultiplyAdds)
{
    public static KernelSum operator +(in KernelSum sum, KernelTime time) => sum with
    {
        Launches = sum.Launches + time.Launches,
        Nanoseconds = sum.Nanoseconds + (long)time.Nanoseconds,
        Bytes = sum.Bytes + (long)time.Bytes,
        MultiplyAdds = sum.MultiplyAdds + (long)time.MultiplyAdds,
    };
}
