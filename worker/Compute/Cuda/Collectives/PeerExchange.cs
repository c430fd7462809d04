using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>
/// Sums over ranks whose kernels write to each other's memory (exchange.cuh): by kernels of their own, or within a chain. All ranks ask for the same sums
/// in the same order and get the same bits. Sums are queued on the device; whoever waits for it says when to give up.
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
    /// <param name="ranks">All but the word that tells kernels to give up and the room that sums have.</param>
    /// <param name="memory">What the regions' addresses live by; let go of at the end.</param>
    public PeerExchange(CudaContext context, ExchangeKernels kernels, ExchangeRanks ranks, params IDisposable[] memory)
    {
        (_kernels, _memory) = (kernels, memory);
        _abandoned = context.AllocatePinned(sizeof(uint));
        *(uint*)_abandoned.Pointer = 0;
        ranks.Abandoned = (ulong)_abandoned.Pointer;
        ranks.MostStaged = ExchangeRanks.MostStagedOf(ranks.Size);
        _ranks = ranks;
    }

    public ref readonly ExchangeRanks Ranks => ref _ranks;

    /// <summary>The number of the next sum, which comes behind all that have one.</summary>
    public uint Next() => _number = _number == LastNumber ? 1 : _number + 1;

    /// <summary>Queues target = Σ over ranks of partial, with the accumulator added to the first rank's.</summary>
    /// <param name="partial">Address of this rank's part.</param>
    /// <param name="accumulator">Address of what is added; 0: nothing.</param>
    /// <param name="count">Values. More than have room at once are several sums.</param>
    /// <param name="target">Address; may be that of the partial or the accumulator.</param>
    /// <param name="work">What it has to do.</param>
    public void Sum(ulong partial, ulong accumulator, int count, ulong target, KernelWork work)
    {
        var addend = _ranks.Rank == 0 ? accumulator : 0;
        for (var first = 0L; first < count; first += _ranks.MostStaged)
        {
            var part = (int)Math.Min(_ranks.MostStaged, count - first);
            var start = (ulong)first * sizeof(float);
            var (kernel, blocks, threads) = KernelFor(part);
            kernel.Launch(
                blocks, 1, 1, threads, new KernelArguments { _ranks, Next(), partial + start, addend == 0 ? 0 : addend + start, part, target + start },
                work with { Bytes = work.Bytes * part / count });
        }
    }

    /// <summary>The same of values that have room at once, in place, on a stream besides the device's own.</summary>
    public void SumOn(nint stream, ulong values, int count)
    {
        var (kernel, blocks, threads) = KernelFor(count);
        kernel.LaunchOn(stream, blocks, threads, new KernelArguments { _ranks, Next(), values, 0UL, count, values });
    }

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

    /// <summary>For so many values: all ranks find the same kernel. The device has room for all blocks at once.</summary>
    private (CudaKernel Kernel, int Blocks, int Threads) KernelFor(int count)
    {
        if (count <= ExchangeRanks.MostValues) return (_kernels.Exchange, ExchangeKernels.Blocks(count), CudaKernel.Threads);
        var pieces = (count + ExchangeRanks.PieceValues - 1) / ExchangeRanks.PieceValues;
        return (_kernels.ExchangeMany, Math.Min(_ranks.Blocks, pieces), ExchangeRanks.PieceThreads);
    }
}
