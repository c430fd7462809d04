namespace Cluster.Coordinator.Planning.Search;

/// <summary>Splits where none was chosen: by the number of their ranks, from the most on.</summary>
internal static class WidestSplits
{
    /// <param name="ranks">At most.</param>
    public static IEnumerable<(int TensorParallel, int Pipeline)> Of(int ranks)
    {
        for (; ranks > 0; ranks--)
        {
            // Ranks that share each layer answer sooner than stages that wait for each other.
            for (var tensorParallel = ranks; tensorParallel > 0; tensorParallel--)
            {
                if (ranks % tensorParallel == 0) yield return (tensorParallel, ranks / tensorParallel);
            }
        }
    }
}
