using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>The activations of a shard, one set for all its layers, sized once for the largest step.</summary>
internal sealed class ShardScratch : IDisposable
{
    private readonly IDevice _device;
    private readonly int _maxStepTokens;
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly List<PaddedInput> _paddedInputs = [];

    public ShardScratch(IDevice device, int maxStepTokens, int hiddenSize, int sumPlanes, int qkvWidth, int gateUpWidth)
    {
        _device = device;
        _maxStepTokens = maxStepTokens;
        Hidden = Rows(hiddenSize);
        Normed = Rows(hiddenSize);
        Partial = Rows(sumPlanes * hiddenSize);
        Qkv = Rows(qkvWidth);
        GateUp = Rows(gateUpWidth);
    }

    public DeviceBuffer Hidden { get; }

    public DeviceBuffer Normed { get; }

    /// <summary>This rank's part of a sum over ranks, in planes of a row for each token.</summary>
    public DeviceBuffer Partial { get; }

    /// <summary>Rows of [queries | keys | values].</summary>
    public DeviceBuffer Qkv { get; }

    /// <summary>Rows of [gate | up].</summary>
    public DeviceBuffer GateUp { get; }

    /// <summary>Bytes of all buffers.</summary>
    public long Bytes { get; private set; }

    /// <summary>The input rows for a row-parallel matrix: one buffer for all matrices that are cut alike.</summary>
    public PaddedInput InputOf(RowParallelMatrix matrix)
    {
        foreach (var known in _paddedInputs)
        {
            if (known.Fits(matrix)) return known;
        }

        var input = new PaddedInput(Rows(matrix.InputWidth), matrix.InputWidth, matrix.InputOffset, matrix.OwnedColumns);
        _paddedInputs.Add(input);
        return input;
    }

    /// <summary>A buffer of <paramref name="width"/> elements for each token of the largest step.</summary>
    public DeviceBuffer Rows(int width) => Allocate((long)_maxStepTokens * width);

    public DeviceBuffer Allocate(long count)
    {
        var buffer = _device.Allocate(count);
        _buffers.Add(buffer);
        Bytes += count * sizeof(float);
        return buffer;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers) buffer.Dispose();
    }
}
