namespace Cluster.Coordinator.Planning.Search;

/// <summary>
/// How many layers stages get. Stages work one after the other, so the fastest get all that they can hold and the others what is left;
/// stages about as fast as each other share by what they can hold. Each gets one at least.
/// </summary>
internal static class StageLayers
{
    /// <returns>By stage; null when the stages cannot hold the model.</returns>
    public static int[]? Of(ReadOnlySpan<StageGroup> stages, SearchContext context)
    {
        var most = new int[stages.Length];
        long held = 0;
        for (var i = 0; i < stages.Length; i++)
        {
            var bytes = stages[i].CapacityBytes - (i == stages.Length - 1 ? context.Head.WeightBytes : 0);
            most[i] = (int)Math.Clamp(bytes / context.LayerBytes, 0, context.Layers);
            if (most[i] == 0) return null;
            held += most[i];
        }

        return held < context.Layers || stages.Length > context.Layers ? null : GiveOut(stages, most, context.Layers);
    }

    private static int[] GiveOut(ReadOnlySpan<StageGroup> stages, int[] most, int layers)
    {
        var seconds = new double[stages.Length];
        for (var i = 0; i < seconds.Length; i++) seconds[i] = stages[i].LayerSeconds;
        int[] fastest = [.. Enumerable.Range(0, seconds.Length).OrderBy(i => seconds[i])];

        var given = new int[stages.Length];
        Array.Fill(given, 1);
        var left = layers - stages.Length;
        for (int from = 0, to; from < fastest.Length && left > 0; from = to)
        {
            for (to = from + 1; to < fastest.Length && seconds[fastest[to]] < seconds[fastest[from]] * ShareFilling.EvenWithin;) to++;
            while (left > 0 && LeastFilled(fastest.AsSpan(from, to - from), given, most) is { } stage)
            {
                given[stage]++;
                left--;
            }
        }

        return given;
    }

    private static int? LeastFilled(ReadOnlySpan<int> stages, int[] given, int[] most)
    {
        int? best = null;
        foreach (var stage in stages)
        {
            if (given[stage] >= most[stage]) continue;
            if (best is not { } other || (long)given[stage] * most[other] < (long)given[other] * most[stage]) best = stage;
        }

        return best;
    }
}
