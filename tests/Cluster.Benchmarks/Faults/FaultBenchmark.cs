using System.Diagnostics;
using System.Globalization;
using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.Benchmarks.Faults;

/// <summary>
/// Harms one random worker at a random token of live streams, again and again, and compares every text with an undisturbed run's. Prints how
/// long streams paused and, where the harm ends, how long it was from there until the worker was used again.
/// </summary>
internal static class FaultBenchmark
{
    private static readonly double[] s_percentiles = [0, 50, 90, 95, 99, 100];

    /// <returns>Whether every text of every run was as it is undisturbed.</returns>
    public static async Task<bool> RunAsync(FaultBenchmarkOptions options)
    {
        var random = new Random(options.Seed);
        var target = await FaultTarget.StartAsync(options);
        await using var owner = target.Owner;
        var undisturbed = LiveStream.Create(options.Streams, options.Tokens, random);
        await target.Server.RunAsync(undisturbed, _ => { });

        var (pauses, returns, identical) = (new List<double>(), new List<double>(), 0);
        await target.Server.WhenWholeAsync(options.Workers);
        for (var run = 1; run <= options.Runs; run++)
        {
            var streams = undisturbed.Select(stream => stream.Again()).ToArray();
            var moment = random.Next(1, options.Streams * options.Tokens * 9 / 10);
            var worker = random.Next(options.Workers);
            var healed = Task.CompletedTask;
            await target.Server.RunAsync(streams, count =>
            {
                if (count != moment) return;
                target.Harm(worker);
                if (target.Heal is not null) healed = HealAsync(target.Heal, worker, options.HealAfter!.Value);
            });
            await healed;
            var end = Stopwatch.GetTimestamp();
            await target.Server.WhenWholeAsync(options.Workers);

            var isIdentical = undisturbed.Zip(streams).All(pair => pair.Second.Error is null && (pair.First.Count, pair.First.Text) == (pair.Second.Count, pair.Second.Text));
            identical += isIdentical ? 1 : 0;
            pauses.Add(streams.Max(stream => stream.Pause.TotalSeconds));
            returns.Add(Stopwatch.GetElapsedTime(end).TotalSeconds);
            Console.Error.WriteLine(FormattableString.Invariant(
                $"run {run}: {options.Harm} {target.NameOf(worker)} at token {moment}: longest pause {pauses[^1]:0.00} s, whole {returns[^1]:0.00} s later, {(isIdentical ? "identical" : "DIFFERENT")}"));
            foreach (var stream in streams.Where(stream => stream.Error is not null)) Console.Error.WriteLine(stream.Error);
        }

        Print(options, undisturbed, pauses, returns, identical);
        return identical == options.Runs;
    }

    private static async Task HealAsync(Action<int> heal, int worker, TimeSpan after)
    {
        await Task.Delay(after);
        heal(worker);
    }

    private static void Print(FaultBenchmarkOptions options, LiveStream[] undisturbed, List<double> pauses, List<double> returns, int identical)
    {
        Console.WriteLine($"{options.Runs} runs: {options.Workers} workers, {options.Streams} live streams of {options.Tokens} tokens, one random worker {options.Description} at a random token.");
        Console.WriteLine($"All streams complete and identical to the undisturbed run: {identical} of {options.Runs} runs.");
        Console.WriteLine(FormattableString.Invariant($"Longest pause between two tokens without a fault: {undisturbed.Max(stream => stream.Pause.TotalSeconds):0.00} s."));
        Console.WriteLine();
        Console.WriteLine($"| seconds | {string.Join(" | ", s_percentiles.Select(percentile => percentile switch { 0 => "min", 100 => "max", _ => $"p{percentile}" }))} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", s_percentiles.Length))}");
        Print("longest pause of a run", pauses);
        if (options.HealAfter is not null) Print("until the worker is used again", returns);
    }

    private static void Print(string name, List<double> values)
    {
        values.Sort();
        Console.WriteLine($"| {name} | {string.Join(" | ", s_percentiles.Select(percentile => At(values, percentile).ToString("0.00", CultureInfo.InvariantCulture)))} |");
    }

    /// <summary>The smallest value that so many percent are not above.</summary>
    private static double At(List<double> sorted, double percentile) => sorted[Math.Max(0, (int)Math.Ceiling(percentile / 100 * sorted.Count) - 1)];
}
