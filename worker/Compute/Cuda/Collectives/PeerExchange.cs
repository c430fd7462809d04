using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>
/// Sums of few values over ranks whose kernels write to each other's memory (exchange.cuh): by kernels of their own, or within a chain. All ranks
/// ask for the same sums in the same order and get the same bits. Sums are queued on the device; whoever waits for it says when to give up.
/// </summary>
internal sealed unsafe class PeerExchange : IDisposable
{
    /// <summary>The last number of a sum: an even one, so that odd and even numbers go on alternating with the first, which is 1.</summary>
    private const uint LastNumber = uint.MaxValue - 1;

    private readonly ExchangeKernels _kernels;
    private readonly PinnedMemoryHandle _abandoned;
    private readonly IDisposable[] _memory;
    private readonly ExchangeRanks _ranks;
    private uint _number;

    /// <param name="context">Of the device.</param>
    /// <param name="kernels">Its kernels.</param>
    /// <param name="ranks">All but the word that tells kernels to give up.</param>
    /// <param name="memory">What the regions' addresses live by; let go of at the end.</param>
    public PeerExchange(CudaContext context, ExchangeKernels kernels, ExchangeRanks ranks, params IDisposable[] memory)
    {
        (_kernels, _memory) = (kernels, memory);
        _abandoned = context.AllocatePinned(sizeof(uint));
        *(uint*)_abandoned.Pointer = 0;
        ranks.Abandoned = (ulong)_abandoned.Pointer;
        _ranks = ranks;
    }

    public ref readonly ExchangeRanks Ranks => ref _ranks;

    /// <summary>Whether sums of so many values are summed here: all ranks must find the same.</summary>
    public static bool Takes(int count) => count is > 0 and <= ExchangeRanks.MostValues;

    /// <summary>The next sum's number.</summary>
    public uint Next() => _number = _number == LastNumber ? 1 : _number + 1;

    /// <summary>Queues target = Σ over ranks of partial, with the accumulator added to the first rank's.</summary>
    /// <param name="number">The sum's.</param>
    /// <param name="partial">Address of this rank's part.</param>
    /// <param name="accumulator">Address of what is added; 0: nothing.</param>
    /// <param name="count">Values.</param>
    /// <param name="target">Address; may be that of the partial or the accumulator.</param>
    /// <param name="work">What it has to do.</param>
    public void Sum(uint number, ulong partial, ulong accumulator, int count, ulong target, KernelWork work) =>
        _kernels.Exchange.Launch(ExchangeKernels.Blocks(count), 1, 1, CudaKernel.Threads, SumArguments(number, partial, accumulator, count, target), work);

    /// <summary>The same at once on a stream besides the device's own.</summary>
    public void SumOn(nint stream, uint number, ulong partial, int count, ulong target) =>
        _kernels.Exchange.LaunchOn(stream, ExchangeKernels.Blocks(count), CudaKernel.Threads, SumArguments(number, partial, 0, count, target));

    /// <summary>Queues the end of a sum whose partials a chain has stored.</summary>
    public void End(uint number, int count, ulong target, KernelWork work) => _kernels.ExchangeEnd.Launch(
        ExchangeKernels.Blocks(count), 1, 1, CudaKernel.Threads, new KernelArguments { _ranks, number, count, target }, work);

    /// <summary>Has all kernels that wait for other ranks end at once, those that are still to come too. Their sums mean nothing.</summary>
    public void Abandon() => Volatile.Write(ref *(uint*)_abandoned.Pointer, 1);

    /// <summary>When nothing that was queued is left.</summary>
    public void Dispose()
    {
        foreach (var one in _memory) one.Dispose();
        _abandoned.Dispose();
    }

    private KernelArguments SumArguments(uint number, ulong partial, ulong accumulator, int count, ulong target)
    {
        var addend = _ranks.Rank == 0 ? accumulator : 0;
        return new KernelArguments { _ranks, number, partial, addend, count, target };
    }
}
