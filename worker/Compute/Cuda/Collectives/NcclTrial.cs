using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>
/// The first sums of a group, of known values: they make NCCL connect the ways that it takes for few and for many values, so that no step waits
/// for that, and show where a machine's devices do not reach each other although its drivers say so.
/// </summary>
internal static unsafe class NcclTrial
{
    private const int FewestValues = 1 << 10;
    private const int MostValues = 1 << 22;

    /// <summary>Values repeat after so many, and their sums are exact.</summary>
    private const int Period = 251;

    /// <exception cref="CommunicatorException">A sum is wrong.</exception>
    /// <exception cref="OperationCanceledException">They did not end in time.</exception>
    public static void Run(CudaContext context, NcclCommunicatorHandle communicator, int rank, int size, CancellationToken cancellationToken)
    {
        using var stream = new CudaStreamHandle(context.Handle);
        using var values = context.Allocate(MostValues * sizeof(float));
        using var host = context.AllocatePinned(MostValues * sizeof(float));
        try
        {
            for (var count = FewestValues; count <= MostValues; count *= 4) Sum(count);
        }
        catch
        {
            // Memory can only be freed when nothing is left that waits for the peers.
            communicator.Dispose();
            throw;
        }

        void Sum(int count)
        {
            var view = new Span<float>(host.Pointer, count);
            var bytes = (nuint)count * sizeof(float);
            for (var i = 0; i < count; i++) view[i] = i % Period + rank;
            CudaDriver.Check(CudaDriver.cuMemcpyHtoDAsync_v2(values.Address, host.Pointer, bytes, stream.Value), "cuMemcpyHtoDAsync");
            Nccl.Check(
                Nccl.ncclAllReduce(values.Address, values.Address, (nuint)count, Nccl.Float32, Nccl.Sum, communicator, stream.Value), "ncclAllReduce");
            CudaDriver.Check(CudaDriver.cuMemcpyDtoHAsync_v2(host.Pointer, values.Address, bytes, stream.Value), "cuMemcpyDtoHAsync");
            int result;
            while ((result = CudaDriver.cuStreamQuery(stream.Value)) == CudaDriver.NotReady)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Thread.Yield();
            }

            CudaDriver.Check(result, "a trial sum");
            for (var i = 0; i < count; i++)
            {
                var expected = (float)(size * (i % Period) + size * (size - 1) / 2);
                if (view[i] != expected) throw new CommunicatorException($"NCCL summed to {view[i]:R} where {expected:R} was due");
            }
        }
    }
}
