using System.Diagnostics;
using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>
/// A rank of a group that sums in f32 on the device's own stream: through peer memory where all ranks reach each other's, else by NCCL. All ranks get the
/// same bits of it.
/// </summary>
/// <param name="exchange">Through peer memory, if there is that; ended with the group.</param>
internal sealed class CudaCollective(
    CudaDevice device, NcclCommunicatorHandle communicator, PeerExchange? exchange, string library, int rank, int size, Func<string?> findLoss)
    : IDeviceCollective
{
    /// <summary>How often a waiting rank looks whether its peers live, and so how late it notices: a millisecond.</summary>
    private static readonly long s_lookTicks = Stopwatch.Frequency / 1000;

    private string? _loss;

    public int Rank => rank;

    public int Size => size;

    /// <summary>
    /// False although nothing is lost: CUDA does not round partials to what f32 adds exactly, so that planes for what rounding took off would travel
    /// empty.
    /// </summary>
    public bool AddsExactly => false;

    public string Library => library;

    public void AllReduce(DeviceBuffer buffer, int count)
    {
        if (_loss is not null) throw new PeerLostException(_loss);
        OperandChecks.CheckCount(buffer, count);
        var values = (CudaBuffer)buffer;
        var context = device.Context;
        if (exchange is not null)
        {
            device.Sum(exchange, values, count);
            context.Pending = this;
            return;
        }

        device.Finish();
        device.Activations.Forget(values);
        context.Pending = this;
        context.Timer.BeforeKernel();
        Nccl.Check(
            Nccl.ncclAllReduce(values.Address, values.Address, (nuint)count, Nccl.Float32, Nccl.Sum, communicator, context.Stream), "ncclAllReduce");
        context.Timer.After("ncclAllReduce f32", context.Timer.Work(2L * count * sizeof(float)));
    }

    /// <summary>Waits for all that is queued on the device, sums among it.</summary>
    /// <exception cref="PeerLostException">It would wait for ever. What waited has been released, with sums that mean nothing.</exception>
    public void Wait()
    {
        var context = device.Context;
        var look = Stopwatch.GetTimestamp() + s_lookTicks;
        int result;
        while ((result = CudaDriver.cuStreamQuery(context.Stream)) == CudaDriver.NotReady)
        {
            if (Stopwatch.GetTimestamp() < look) continue;
            if (FindLoss() is { } loss)
            {
                Leave(loss);
                throw new PeerLostException(loss);
            }

            look = Stopwatch.GetTimestamp() + s_lookTicks;
        }

        // Sums that were put off are still to be waited for.
        if (exchange is null || !device.PutsOff(exchange)) context.Pending = null;
        CudaDriver.Check(result, "cuStreamQuery");
    }

    public void Dispose() => Leave("the group of devices has ended");

    private string? FindLoss()
    {
        if (findLoss() is { } loss) return loss;
        Nccl.Check(Nccl.ncclCommGetAsyncError(communicator, out var error), "ncclCommGetAsyncError");
        return error is 0 or Nccl.InProgress ? null : $"a rank of the group of devices is lost: NCCL: {Nccl.Describe(error)}";
    }

    private void Leave(string why)
    {
        if (_loss is not null) return;
        _loss = why;
        exchange?.Abandon();
        communicator.Dispose();
        var context = device.Context;
        if (context.Pending == this)
        {
            // Sums end at once now, and with them what was queued behind them; a failure shows in what the device is asked next.
            context.Pending = null;
            context.Enter();
            _ = CudaDriver.cuStreamSynchronize(context.Stream);
        }

        if (exchange is null) return;
        device.Forget(exchange);
        exchange.Dispose();
    }
}
