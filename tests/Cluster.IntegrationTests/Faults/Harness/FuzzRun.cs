using System.Globalization;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>A cluster that serves texts while all its listeners are sent nonsense, and what became of it.</summary>
internal sealed record FuzzRun
{
    private const int Streams = 2;
    private const int Tokens = 40;

    public required int Cases { get; init; }

    public required int Listeners { get; init; }

    /// <summary>Times that all texts were streamed meanwhile, and once after.</summary>
    public required int Rounds { get; init; }

    /// <summary>What went wrong, in a line each.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Resident memory of each process in MiB: after a fifth, and at the end.</summary>
    public required IReadOnlyList<(string Name, double Before, double After)> Memory { get; init; }

    /// <param name="server">Serves with local workers.</param>
    /// <param name="workers">How many.</param>
    /// <param name="seed">The same seed sends the same.</param>
    /// <param name="part">The part of the run that is over, by the number of the case; it ends at 1.</param>
    public static async Task<FuzzRun> RunAsync(FaultServer server, int workers, int seed, Func<int, double> part)
    {
        var undisturbed = LiveStream.Create(Streams, Tokens, new Random(seed));
        await server.RunAsync(undisturbed, _ => { });
        var before = await server.WhenWholeAsync(workers);
        (string Name, int Id)[] processes = [("coordinator", server.ProcessId), .. Enumerable.Range(0, workers).Select(i => ($"local-{i}", server.ChildId($"local-{i}")))];
        int[] ports = [.. processes.SelectMany(process => ListeningPorts.Of(process.Id))];

        var memory = new Lazy<double[]>(() => [.. processes.Select(process => ResidentMiB(process.Id))]);
        var fuzzer = new ListenerFuzzer(ports, seed);
        var fuzzing = fuzzer.RunAsync(number =>
        {
            var done = part(number);
            if (done >= 0.2) _ = memory.Value;
            return done < 1;
        });

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
        var after = await server.WhenWholeAsync(workers);
        if (FaultServer.PlanVersion(after) != FaultServer.PlanVersion(before)) problems.Add($"the plan was replaced: {after.GetProperty("events")}");
        foreach (var (name, id) in processes)
            if (!Directory.Exists($"/proc/{id}")) problems.Add($"{name} has ended");

        return new FuzzRun
        {
            Cases = fuzzer.Cases,
            Listeners = ports.Length,
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
