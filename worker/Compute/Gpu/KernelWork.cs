using Cluster.Compute.Steps;

namespace Cluster.Compute.Gpu;

/// <summary>What a launch has to do at least, known when its operation is asked for; it may be queued later, in another part of the step.</summary>
/// <param name="Part">What it is for.</param>
/// <param name="Bytes">Read and written: planes of weights, rows of the cache up to the end of the context, activations as f32; each once.</param>
/// <param name="MultiplyAdds">Of products of matrices and of attention.</param>
internal readonly record struct KernelWork(StepPart Part, long Bytes, long MultiplyAdds)
{
    /// <summary>The same with more to read or write.</summary>
    public KernelWork With(long moreBytes) => this with { Bytes = Bytes + moreBytes };
}
