using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A rank of an NCCL communicator. Its end releases kernels that still wait for other ranks, and waits for none itself.</summary>
internal sealed class NcclCommunicatorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContextHandle _context;

    /// <summary>Returns when all ranks have called it with the same <paramref name="id"/>.</summary>
    public NcclCommunicatorHandle(CudaContextHandle context, in NcclUniqueId id, int rank, int size) : base(ownsHandle: true)
    {
        _context = context;
        context.Enter();
        Nccl.Check(Nccl.ncclCommInitRank(out var communicator, size, id, rank), "ncclCommInitRank");
        SetHandle(communicator);
    }

    protected override bool ReleaseHandle() => _context.TryEnter() && Nccl.ncclCommAbort(handle) == 0;
}
