namespace Cluster.Coordinator.Commands;

/// <summary>How many workers, and how the model is split over them.</summary>
/// <param name="Workers">Workers to wait for.</param>
/// <param name="TensorParallel">Ranks that share each layer.</param>
/// <param name="Pipeline">Stages.</param>
internal readonly record struct SplitOptions(int Workers, int TensorParallel, int Pipeline)
{
    /// <summary>
    /// Fills in what was not given: the stages follow from the workers and the tensor-parallel size and the other way round; workers
    /// alone are all tensor-parallel; nothing at all is <paramref name="defaultWorkers"/> of them.
    /// </summary>
    public static SplitOptions Resolve(int? workers, int? tensorParallel, int? pipeline, int defaultWorkers)
    {
        if (tensorParallel is { } t && pipeline is { } p) return new(workers ?? t * p, t, p);

        var all = workers ?? Math.Max(defaultWorkers, (tensorParallel ?? 1) * (pipeline ?? 1));
        if (tensorParallel is { } only) return new(workers ?? only, only, workers is null ? 1 : Math.Max(1, all / only));
        if (pipeline is { } stages) return new(workers ?? stages, workers is null ? 1 : Math.Max(1, all / stages), stages);
        return new(all, all, 1);
    }
}
