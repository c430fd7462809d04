using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Memory;

/// <summary>A buffer on the device; its host view is page-locked memory.</summary>
internal sealed unsafe class CudaBuffer : GpuBuffer
{
    private readonly CudaDevice _device;
    private readonly DeviceMemoryHandle _memory;
    private PinnedMemoryHandle? _host;
    private bool _isSending;

    public CudaBuffer(CudaDevice device, long count) : base(count)
    {
        _device = device;
        _memory = device.Context.Allocate(checked(count * sizeof(float)));
        device.Context.Clear(_memory.Address, _memory.Bytes);
    }

    /// <summary>The first element, on the device.</summary>
    public ulong Address => _memory.Address;

    public override Span<float> ReadHost(int count)
    {
        var view = View(count);
        _device.Finish();
        fixed (float* target = view) _device.Context.Download(Address, target, (long)count * sizeof(float));
        _device.Wait();
        _isSending = false;
        return view;
    }

    public override Span<float> OverwriteHost(int count)
    {
        var view = View(count);
        if (_isSending)
        {
            _device.Context.Enter();
            _device.Context.Synchronize();
            _isSending = false;
        }

        return view;
    }

    public override void WriteHost(int count)
    {
        var view = View(count);
        _device.Finish();
        _device.Activations.Forget(this);
        fixed (float* source = view) _device.Context.Upload(source, Address, (long)count * sizeof(float));
        _isSending = true;
    }

    public override void Dispose()
    {
        // The device may still be reading what was sent.
        if (_isSending) OverwriteHost(0);
        _device.Activations.Forget(this);
        _host?.Dispose();
        _memory.Dispose();
    }

    protected override float* AllocateView(long bytes)
    {
        if (_isSending) OverwriteHost(0);
        _host?.Dispose();
        _host = null;
        _host = _device.Context.AllocatePinned(bytes);
        return (float*)_host.Pointer;
    }
}
