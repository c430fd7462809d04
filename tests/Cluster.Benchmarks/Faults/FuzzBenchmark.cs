using System.Globalization;
using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.Benchmarks.Faults;

/// <summary>Sends nonsense to every listener of a cluster that serves, for minutes, and looks whether texts, processes and memory are as they were.</summary>
internal static class FuzzBenchmark
{
    private const int Ranks = 2;

    /// <summary>What a process's memory may grow by after the first fifth: its collector's mood.</summary>
    private const double GrowthMiB = 64;

    /// <returns>Whether all was well.</returns>
    /// <exception cref="FormatException">An option is unknown or its value is wrong.</exception>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments)
    {
        var (minutes, seed) = (10.0, 1);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new FormatException($"{arguments[i]} needs a value");
            if (arguments[i] == "--minutes" && double.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes > 0) continue;
            if (arguments[i] == "--seed" && int.TryParse(value, CultureInfo.InvariantCulture, out seed)) continue;
            throw new FormatException($"no option {arguments[i]} {value}");
        }

        await using var cluster = await JoinedCluster.StartAsync(Ranks + 1, Ranks, areApart: false);
        var run = await FuzzRun.RunAsync(await FuzzTarget.OfAsync(cluster, Ranks, seed), seed, new FuzzExtent(int.MaxValue, int.MaxValue, TimeSpan.FromMinutes(minutes)));

        Console.WriteLine(FormattableString.Invariant(
            $"{run.Cases} cases on {run.Listeners} listeners in {minutes} min, {run.Admitted} of them by peers that were let in; {run.Channels} sockets between ranks lied on; texts streamed {run.Rounds} times meanwhile."));
        foreach (var problem in run.Problems) Console.WriteLine($"PROBLEM: {problem}");
        foreach (var (name, before, after) in run.Memory) Console.WriteLine(FormattableString.Invariant($"{name}: {before:0} MiB after a fifth, {after:0} MiB at the end"));
        return run.Problems.Count == 0 && run.Memory.All(memory => memory.After - memory.Before < GrowthMiB);
    }
}
