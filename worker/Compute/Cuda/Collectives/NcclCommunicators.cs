using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>Groups of CUDA devices that NCCL sums over.</summary>
internal sealed class NcclCommunicators(CudaDevice device) : IDeviceCommunicators
{
    private const int UuidBytes = 16;

    private ExchangeKernels? _exchangeKernels;

    public unsafe string DeviceId
    {
        get
        {
            var uuid = stackalloc byte[UuidBytes];
            var result = CudaDriver.cuDeviceGetUuid_v2(uuid, device.Context.Info.Device);
            if (result != 0) throw new CommunicatorException($"CUDA: cuDeviceGetUuid: {CudaDriver.Describe(result)}");
            return Convert.ToHexStringLower(new ReadOnlySpan<byte>(uuid, UuidBytes));
        }
    }

    /// <inheritdoc cref="IDeviceCommunicators.FindLibrary"/>
    public static string? Find(out string? problem)
    {
        if (!CudaLibraries.IsAvailable(CudaLibraries.Collectives, out problem)) return null;
        if (Nccl.ncclGetVersion(out var version) == 0 && version >= Nccl.OldestVersion) return Name(version);
        problem = $"NCCL is older than {Name(Nccl.OldestVersion)["NCCL ".Length..]}";
        return null;
    }

    public string? FindLibrary(out string? problem) => Find(out problem);

    public byte[] CreateId()
    {
        device.Context.Enter();
        var result = Nccl.ncclGetUniqueId(out var id);
        return result == 0 ? id.ToArray() : throw new CommunicatorException($"NCCL: ncclGetUniqueId: {Nccl.Describe(result)}");
    }

    public IDeviceCollective Join(byte[] id, int rank, int size, Func<string?> findLoss, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length != NcclUniqueId.Size) throw new CommunicatorException($"an NCCL id has {NcclUniqueId.Size} bytes, not {id.Length}");
        NcclCommunicatorHandle? communicator = null;
        try
        {
            communicator = new NcclCommunicatorHandle(device.Context.Handle, NcclUniqueId.Of(id), rank, size);
            Nccl.Check(Nccl.ncclCommCuDevice(communicator, out var used), "ncclCommCuDevice");
            if (used != device.Context.Info.Ordinal) throw new CommunicatorException($"NCCL took device {used} for {device.Description.Id}");
            using var setup = new SetupStream(device.Context, communicator, NcclTrial.MostValues * sizeof(float), cancellationToken);
            NcclTrial.Run(setup, rank, size);
            var exchange = PeerMeeting.TryMeet(setup, () => _exchangeKernels ??= new ExchangeKernels(device.Context), rank, size, out var problem);
            var library = exchange is null ? $"{Find(out _)} without peer memory ({problem})" : $"{Find(out _)} and peer memory";
            return new CudaCollective(device, communicator, exchange, library, rank, size, findLoss);
        }
        catch (Exception e)
        {
            communicator?.Dispose();
            if (e is CudaException or OutOfMemoryException) throw new CommunicatorException(e.Message, e);
            throw;
        }
    }

    private static string Name(int version) => $"NCCL {version / 10_000}.{version / 100 % 100}.{version % 100}";
}
