using System.Globalization;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>A cluster that serves texts while all its listeners are sent nonsense, and what became of it.</summary>
internal sealed record FuzzRun
{
    private const int Streams = 2;
    private const int Tokens = 40;

    public required int Cases { get; init; }

    /// <summary>Of these, those that came over TLS with a good certificate.</summary>
    public required int Admitted { get; init; }

    public required int Listeners { get; init; }

    /// <summary>Sockets between ranks that were lied on.</summary>
    public required int Channels { get; init; }

    /// <summary>Times that all texts were streamed meanwhile, and once after.</summary>
    public required int Rounds { get; init; }

    /// <summary>What went wrong, in a line each.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Resident memory of each process in MiB: after a fifth, and at the end.</summary>
    public required IReadOnlyList<(string Name, double Before, double After)> Memory { get; init; }

    /// <param name="target">Serves.</param>
    /// <param name="seed">The same seed sends the same.</param>
    /// <param name="extent">When it ends.</param>
    public static async Task<FuzzRun> RunAsync(FuzzTarget target, int seed, FuzzExtent extent)
    {
        var (server, processes) = (target.Server, target.Processes);
        var undisturbed = LiveStream.Create(Streams, Tokens, new Random(seed));
        await server.RunAsync(undisturbed, _ => { });
        var before = await server.WhenWholeAsync(target.Ranks);

        var memory = new Lazy<double[]>(() => [.. processes.Select(process => ResidentMiB(process.Id))]);
        var fuzzer = new ListenerFuzzer(target.Listeners, seed);
        var fuzzing = Task.WhenAll(
            target.Liar?.RunAsync(number => extent.Part(number, extent.Channels) <= 1) ?? Task.CompletedTask,
            fuzzer.RunAsync(number =>
            {
                var done = extent.Part(number, extent.Cases);
                if (done >= 0.2) _ = memory.Value;
                return done < 1;
            }));

        var problems = new List<string>();
        var rounds = 0;
        bool isLast;
        do
        {
            isLast = fuzzing.IsCompleted;
            var streams = undisturbed.Select(stream => stream.Again()).ToArray();
            await server.RunAsync(streams, _ => { });
            rounds++;
            if (undisturbed.Zip(streams).Any(pair => pair.Second.Error is not null || pair.First.Text != pair.Second.Text))
                problems.Add($"round {rounds}: a text differs: {streams.Select(stream => stream.Error).FirstOrDefault(error => error is not null)}");
        }
        while (!isLast);

        await fuzzing;
        problems.AddRange(fuzzer.Problems.Distinct());
        problems.AddRange(target.Liar?.Problems ?? []);
        var after = await server.WhenWholeAsync(target.Ranks);
        if (FaultServer.PlanVersion(after) != FaultServer.PlanVersion(before)) problems.Add($"the plan was replaced: {after.GetProperty("events")}");
        foreach (var (name, id) in processes)
            if (!Directory.Exists($"/proc/{id}")) problems.Add($"{name} has ended");

        return new FuzzRun
        {
            Cases = fuzzer.Cases,
            Admitted = fuzzer.Admitted,
            Listeners = target.Listeners.Select(listener => listener.Address).Distinct().Count(),
            Channels = target.Liar?.Cases ?? 0,
            Rounds = rounds,
            Problems = problems,
            Memory = [.. processes.Select((process, i) => (process.Name, memory.Value[i], Directory.Exists($"/proc/{process.Id}") ? ResidentMiB(process.Id) : 0))],
        };
    }

    private static double ResidentMiB(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
    }
}
