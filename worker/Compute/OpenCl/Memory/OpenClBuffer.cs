using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>A buffer on the device; its host view is ordinary memory.</summary>
internal sealed unsafe class OpenClBuffer : GpuBuffer
{
    private readonly OpenClContext _context;
    private AlignedMemory? _host;

    public OpenClBuffer(OpenClContext context, long count) : base(count)
    {
        _context = context;
        Memory = context.Allocate(checked(count * sizeof(float)));
        context.Clear(Memory, 0, Memory.Bytes);
    }

    public OpenClMemory Memory { get; }

    public override Span<float> ReadHost(int count)
    {
        var view = View(count);
        _context.Download(Memory, 0, view);
        return view;
    }

    public override Span<float> OverwriteHost(int count) => View(count);

    public override void WriteHost(int count) => _context.Upload<float>(View(count), Memory);

    public override void Dispose()
    {
        _host?.Dispose();
        Memory.Dispose();
    }

    protected override float* AllocateView(long bytes)
    {
        _host?.Dispose();
        _host = null;
        _host = new AlignedMemory(bytes);
        return _host.Floats;
    }
}
