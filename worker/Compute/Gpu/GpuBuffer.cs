using Cluster.Compute.Devices;

namespace Cluster.Compute.Gpu;

/// <summary>A buffer on a GPU; its host view is made when it is first asked for.</summary>
internal abstract unsafe class GpuBuffer(long count) : DeviceBuffer(count)
{
    private const long FewestElements = 1024;

    private float* _view;
    private long _viewCount;

    /// <summary>Replaces the memory of the host view.</summary>
    protected abstract float* AllocateView(long bytes);

    /// <summary>The host view of the first <paramref name="count"/> elements; its content is lost when it grows.</summary>
    protected Span<float> View(int count)
    {
        CheckView(count);
        if (count > _viewCount)
        {
            // Twice what is asked for, so that steps that grow a little each time do not make a new one each time.
            var grown = Math.Min(Count, Math.Max(2L * count, FewestElements));
            _viewCount = 0;
            _view = AllocateView(grown * sizeof(float));
            _viewCount = grown;
        }

        return new Span<float>(_view, count);
    }
}
