using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu;

/// <summary>A buffer in host memory: its host view is the buffer itself.</summary>
internal sealed unsafe class CpuBuffer(long count) : DeviceBuffer(count)
{
    private readonly AlignedMemory _memory = new(checked(count * sizeof(float)));

    /// <summary>The first element, on a cache line.</summary>
    public float* Pointer => _memory.Floats;

    public override Span<float> ReadHost(int count) => View(count);

    public override Span<float> OverwriteHost(int count) => View(count);

    public override void WriteHost(int count) => View(count);

    public override void Dispose() => _memory.Dispose();

    private Span<float> View(int count)
    {
        CheckView(count);
        return new Span<float>(Pointer, count);
    }
}
