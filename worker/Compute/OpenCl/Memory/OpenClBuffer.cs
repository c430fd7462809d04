using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>A buffer on the device; its host view is made when it is first asked for.</summary>
internal sealed unsafe class OpenClBuffer : DeviceBuffer
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

    private Span<float> View(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        if (_host is null || _host.Bytes < (long)count * sizeof(float))
        {
            _host?.Dispose();
            _host = null;
            // Twice what is asked for, so that steps that grow a little each time do not make a new one each time.
            _host = new AlignedMemory(Math.Min(Count, Math.Max(2L * count, 1024)) * sizeof(float));
        }

        return new Span<float>(_host.Floats, count);
    }
}
