using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>How the ranks of a group find out whether all of them reach each other's memory: they tell each other by NCCL.</summary>
internal static class PeerMeeting
{
    /// <param name="stream">Of the group.</param>
    /// <param name="load">Makes the kernels.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="problem">Why there is no exchange, on this rank or another one.</param>
    /// <returns>An exchange if all ranks have one, which then have tried it; else null.</returns>
    /// <exception cref="OperationCanceledException">The group is given up.</exception>
    public static PeerExchange? TryMeet(SetupStream stream, Func<ExchangeKernels> load, int rank, int size, out string? problem)
    {
        problem = $"more than {ExchangeRanks.RankAddresses.Capacity} ranks";
        if (size > ExchangeRanks.RankAddresses.Capacity) return null;
        PeerRegion? region = null;
        PeerExchange? exchange = null;
        try
        {
            var record = default(PeerRecord);
            var kernels = default(ExchangeKernels);
            problem = Attempt(() =>
            {
                if (stream.Context.Info.Architecture < ExchangeKernels.OldestArchitecture) throw new CudaException("the device is too old");
                kernels = load();
                region = new PeerRegion(stream.Context, stream.Value, size);
                record = region.Tell();
            });
            var records = stream.Gather(record, size);
            problem ??= Attempt(() => exchange = Open(stream.Context, kernels!, region!, records, rank));
            if (stream.Agrees(problem is null, size))
            {
                problem = PeerTrial.Run(stream, exchange!);
                if (stream.Agrees(problem is null, size)) return exchange;
            }

            problem ??= "another rank cannot use it";
        }
        catch
        {
            exchange?.Abandon();
            stream.Release();
            exchange?.Dispose();
            region?.Dispose();
            throw;
        }

        exchange?.Dispose();
        region?.Dispose();
        return null;
    }

    private static PeerExchange Open(CudaContext context, ExchangeKernels kernels, PeerRegion region, PeerRecord[] records, int rank)
    {
        var ranks = new ExchangeRanks { Rank = rank, Size = records.Length };
        List<IDisposable> memory = [region];
        try
        {
            for (var i = 0; i < records.Length; i++)
            {
                if (records[i].Blocks == 0) throw new CudaException($"rank {i} has no region");
                if (i == rank) (ranks.Regions[i], ranks.FirstFlag, ranks.Blocks) = (region.Address, ranks.Flags, records[i].Blocks);
                else memory.Add(PeerRegion.Open(context, records[i], out ranks.Regions[i]));
                ranks.Flags += records[i].Blocks;
            }

            if (ranks.Flags > ExchangeRanks.MostFlags) throw new CudaException($"the devices have more than {ExchangeRanks.MostFlags} multiprocessors");
            return new PeerExchange(context, kernels, ranks, [.. memory]);
        }
        catch
        {
            foreach (var one in memory) one.Dispose();
            throw;
        }
    }

    /// <summary>Why it fails; null where it does not.</summary>
    private static string? Attempt(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is CudaException or OutOfMemoryException)
        {
            return e.Message;
        }
    }
}
