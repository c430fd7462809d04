using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Memory;

/// <summary>A buffer on the device; its host view is page-locked memory, made when it is first asked for.</summary>
internal sealed unsafe class CudaBuffer : DeviceBuffer
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

    private Span<float> View(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        if (_host is null || _host.Bytes < (long)count * sizeof(float)) Grow(count);
        return new Span<float>(_host!.Pointer, count);
    }

    private void Grow(int count)
    {
        if (_isSending) OverwriteHost(0);
        _host?.Dispose();
        _host = null;
        // Twice what is asked for, so that steps that grow a little each time do not make a new one each time.
        _host = _device.Context.AllocatePinned(Math.Min(Count, Math.Max(2L * count, 1024)) * sizeof(float));
    }
}
