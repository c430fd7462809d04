using Cluster.Compute.Steps;

namespace Cluster.Compute.Devices;

/// <summary>Takes the time of every kernel that a device runs in a step. Such a step takes longer, as kernels do not overlap.</summary>
public interface IKernelTimer
{
    /// <summary>From here on kernels are timed; they count for the part that <paramref name="step"/> is in when their operation is asked for.</summary>
    void Begin(StepTimes step);

    /// <summary>Waits for the device and leaves what kernels took in the step's <see cref="StepTimes.Kernels"/>.</summary>
    void End();
}
