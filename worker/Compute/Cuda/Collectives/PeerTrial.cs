namespace Cluster.Compute.Cuda.Collectives;

/// <summary>The first sums of an exchange, of known values: drivers have been known to open ways between devices that lead nowhere.</summary>
internal static class PeerTrial
{
    /// <summary>Ranks begin together, and a sum takes microseconds.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Prompts' sums.</summary>
    private const int Many = 1 << 20;

    private static readonly int[] s_counts = [1, 4096, ExchangeRanks.MostValues, 4096, Many, Many];

    /// <summary>What is wrong; null: nothing. Nothing waits any more then.</summary>
    /// <exception cref="OperationCanceledException">The group is given up.</exception>
    public static string? Run(SetupStream stream, PeerExchange exchange)
    {
        var (rank, size) = (exchange.Ranks.Rank, exchange.Ranks.Size);
        foreach (var count in s_counts)
        {
            TrialValues.Fill(stream.Host<float>(count), rank);
            stream.Upload(count * sizeof(float));
            exchange.SumOn(stream.Value, stream.Address, count);
            stream.Download(count * sizeof(float));
            if (!stream.TryWait("a trial sum", s_limit))
            {
                exchange.Abandon();
                stream.Wait("a trial sum");
                return "a trial sum did not end";
            }

            if (TrialValues.FindError(stream.Host<float>(count), size) is { } error) return error;
        }

        return null;
    }
}
