using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Chains;

/// <summary>
/// A sum over ranks that waits for the addition that will most likely follow, and then for the norm and the product of that. What is added is up to
/// the calls alone, which are the same on all ranks; whether a chain takes part in it is each rank's own affair.
/// </summary>
/// <param name="Exchange">The ranks.</param>
/// <param name="Number">Its number, if it is of the last link of the chain, which stores the partials; 0: a kernel of its own takes one.</param>
/// <param name="Partial">This rank's part, and where the sum goes if nothing is added.</param>
/// <param name="Count">Values.</param>
/// <param name="Work">What a kernel of its own has to do.</param>
/// <param name="Accumulator">What the sum is added to, and where it goes; null: nothing so far.</param>
internal readonly record struct PendingSum(
    PeerExchange Exchange, uint Number, CudaBuffer Partial, int Count, KernelWork Work, CudaBuffer? Accumulator = null)
{
    /// <summary>Whether the last link of the chain stores the partials.</summary>
    public bool IsOfChain => Number != 0;

    public bool Takes(CudaBuffer accumulator, CudaBuffer addend, int count) =>
        Accumulator is null && addend == Partial && accumulator != Partial && count == Count;

    /// <summary>Whether a link can begin with it: one that normalizes just what it becomes.</summary>
    public bool IsInputOf(DeferredNorm? norm) =>
        IsOfChain && norm is { } one && one.Input == Accumulator && (long)one.Tokens * one.Gain.Count == Count;

    /// <summary>Queues it, behind the chain.</summary>
    public void Queue()
    {
        var target = (Accumulator ?? Partial).Address;
        if (IsOfChain) Exchange.End(Number, Count, target, Work);
        else Exchange.Sum(Partial.Address, Accumulator?.Address ?? 0, Count, target, Work);
    }
}
