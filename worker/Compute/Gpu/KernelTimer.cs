using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Gpu;

/// <summary>
/// Keeps what is launched while kernels are timed, and adds it up by kernel and part of the step when that is over. A launch that works for
/// several parts has its time divided by their bytes. Costs nothing while nothing is timed.
/// </summary>
internal abstract class KernelTimer : IKernelTimer
{
    private readonly GrowingArray<(string Name, int Works)> _launches = new();
    private readonly GrowingArray<KernelWork> _works = new();
    private StepTimes? _step;

    /// <summary>Whether launches are timed at present.</summary>
    public bool IsOn => _step is not null;

    /// <summary>Launches since the beginning.</summary>
    protected int Count => _launches.Count;

    public void Begin(StepTimes step)
    {
        _launches.Clear();
        _works.Clear();
        Start();
        _step = step;
    }

    public void End()
    {
        if (_step is not { } step) return;
        _step = null;
        Stop();
        var first = 0;
        for (var i = 0; i < _launches.Count; i++)
        {
            var (name, works) = _launches[i];
            Add(step.Kernels, name, _works.Span.Slice(first, works), Nanoseconds(i));
            first += works;
        }
    }

    /// <summary>Work for the part that the step is in.</summary>
    public KernelWork Work(long bytes, long multiplyAdds = 0) => new(_step?.Part ?? StepPart.Other, bytes, multiplyAdds);

    /// <summary>The work of matrices that share one input of <paramref name="tokens"/> rows.</summary>
    public KernelWork Product(ReadOnlySpan<Matrix> matrices, int tokens)
    {
        var (bytes, products) = ((long)tokens * matrices[0].Columns * sizeof(float), 0L);
        foreach (var matrix in matrices)
        {
            bytes += ((GpuMatrix)matrix).ReadBytes + (long)tokens * matrix.Rows * sizeof(float);
            products += (long)tokens * matrix.Rows * matrix.Columns;
        }

        return Work(bytes, products);
    }

    /// <summary>The work of the step's queries over what a layer of the cache has for them.</summary>
    public KernelWork Attention(GpuStep step, AttentionShape shape, KvCacheShape cache, int layer)
    {
        long width = shape.HeadCount * shape.HeadDim;
        var cached = step.ContextTokens * shape.KvHeadCount * (cache.RowBytes(layer, KvPart.Keys) + cache.RowBytes(layer, KvPart.Values));
        return Work(cached + 2 * step.TokenCount * width * sizeof(float), 2 * step.AttendedTokens * width);
    }

    /// <summary>The work of appending the step's keys or values, or both, from f32 rows to a layer of the cache.</summary>
    public KernelWork Append(GpuStep step, KvCacheShape cache, int layer, params ReadOnlySpan<KvPart> parts)
    {
        var bytes = 0L;
        foreach (var part in parts) bytes += cache.RowBytes(layer, part) + cache.HeadDim * sizeof(float);
        return Work(bytes * step.TokenCount * cache.KvHeadCount);
    }

    /// <summary>Counts a launch whose time can be asked for.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="works">What it works for; nothing where it is no part of the step.</param>
    protected void Add(string name, ReadOnlySpan<KernelWork> works)
    {
        _launches.Add((name, works.Length));
        works.CopyTo(_works.Append(works.Length));
    }

    /// <summary>Prepares the device.</summary>
    protected abstract void Start();

    /// <summary>Waits until all launches are over.</summary>
    protected abstract void Stop();

    /// <summary>What the launch of this index took.</summary>
    protected abstract long Nanoseconds(int launch);

    private static void Add(GrowingArray<KernelTotal> totals, string name, ReadOnlySpan<KernelWork> works, long nanoseconds)
    {
        var all = 0L;
        foreach (ref readonly var work in works) all += work.Bytes;
        for (var i = 0; i < works.Length; i++)
        {
            ref readonly var work = ref works[i];
            var share = all == 0 ? 1.0 / works.Length : (double)work.Bytes / all;
            ref var total = ref Of(totals, name, work.Part);
            total = total with
            {
                Launches = total.Launches + (IsFirst(works[..i], work.Part) ? 1 : 0),
                Nanoseconds = total.Nanoseconds + (long)Math.Round(nanoseconds * share),
                Bytes = total.Bytes + work.Bytes,
                MultiplyAdds = total.MultiplyAdds + work.MultiplyAdds,
            };
        }
    }

    private static bool IsFirst(ReadOnlySpan<KernelWork> before, StepPart part)
    {
        foreach (ref readonly var work in before)
        {
            if (work.Part == part) return false;
        }

        return true;
    }

    private static ref KernelTotal Of(GrowingArray<KernelTotal> totals, string name, StepPart part)
    {
        foreach (ref var total in totals.Span)
        {
            if (total.Part == part && total.Name == name) return ref total;
        }

        totals.Add(new KernelTotal(name, part, 0, 0, 0, 0));
        return ref totals[totals.Count - 1];
    }
}
