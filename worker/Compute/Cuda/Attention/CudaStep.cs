using Cluster.Compute.Cuda.Elementwise;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>The current step on the device, which computes the angles itself.</summary>
internal sealed unsafe class CudaStep(CudaContext context, StagingMemory staging, ElementwiseKernels kernels) : GpuStep, IDisposable
{
    private readonly ScratchMemory _memory = new(context);
    private readonly ScratchMemory _angleMemory = new(context);
    private readonly ScratchMemory _tileMemory = new(context);
    private DeviceMemoryHandle? _frequencies;
    private ulong _tileAddress;

    public StepTokens Tokens { get; private set; }

    /// <summary>Cosine and sine of each pair of each token.</summary>
    public ulong Angles { get; private set; }

    /// <summary>
    /// The step's tokens as runs of up to <paramref name="tileTokens"/> of one sequence, (first, count) each, on the device. Runs of one
    /// are the tokens themselves and have no list.
    /// </summary>
    public (int Count, ulong Address) Tiles(int tileTokens) => tileTokens == 1 ? (TokenCount, 0) : (MakeTiles(tileTokens), _tileAddress);

    public void Dispose()
    {
        _memory.Dispose();
        _angleMemory.Dispose();
        _tileMemory.Dispose();
        _frequencies?.Dispose();
    }

    protected override void UploadTokens(ReadOnlySpan<int> tokens)
    {
        var address = Upload(tokens, _memory);
        var listBytes = (ulong)TokenCount * sizeof(int);
        Tokens = new StepTokens(address, address + listBytes, address + 2 * listBytes);
    }

    protected override void UploadAngles(RotaryTable rotary, bool isNew)
    {
        var pairs = rotary.InverseFrequencies.Length;
        if (isNew)
        {
            _frequencies?.Dispose();
            _frequencies = context.Allocate(Math.Max(pairs, 1) * sizeof(float));
            fixed (float* frequencies = rotary.InverseFrequencies) context.Upload(frequencies, _frequencies.Address, pairs * sizeof(float));
            context.Synchronize();
        }

        Angles = _angleMemory.Reserve((long)TokenCount * pairs * 2 * sizeof(float));
        kernels.RotaryAngles.LaunchItems(
            (long)TokenCount * pairs, new KernelArguments { Tokens.Positions, _frequencies!.Address, pairs, rotary.Magnitude, TokenCount, Angles },
            context.Timer.Work((long)TokenCount * pairs * 2 * sizeof(float)));
    }

    protected override void UploadTiles(ReadOnlySpan<(int First, int Count)> tiles) => _tileAddress = Upload(tiles, _tileMemory);

    private ulong Upload<T>(ReadOnlySpan<T> values, ScratchMemory memory)
        where T : unmanaged
    {
        var host = staging.Take<T>(values.Length);
        values.CopyTo(new Span<T>(host, values.Length));
        var bytes = (long)values.Length * sizeof(T);
        var address = memory.Reserve(bytes);
        context.Upload(host, address, bytes);
        return address;
    }
}
