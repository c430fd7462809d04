namespace Cluster.Compute.Steps;

/// <summary>What the launches of one kernel for one part of a step came to.</summary>
/// <param name="Name">The kernel, and the format of weights that it is compiled for if there are several.</param>
/// <param name="Part">What it worked for.</param>
/// <param name="Launches">Launches that had work for this part; one that had work for several counts in each.</param>
/// <param name="Nanoseconds">On the device.</param>
/// <param name="Bytes">What it had to read and write at least.</param>
/// <param name="MultiplyAdds">Of products of matrices and of attention.</param>
public readonly record struct KernelTotal(string Name, StepPart Part, int Launches, long Nanoseconds, long Bytes, long MultiplyAdds);
