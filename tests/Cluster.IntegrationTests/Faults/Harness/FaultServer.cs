using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>A <c>cluster serve</c> of the sample model whose workers come to harm.</summary>
internal sealed class FaultServer : IAsyncDisposable
{
    /// <summary>For whatever has to happen in the end, however busy the machine is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    // Programs are built side by side: artifacts/bin/PROJECT/CONFIGURATION.
    private static readonly string s_program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cluster.Coordinator", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "cluster"));

    /// <summary>The model that it serves.</summary>
    public static string SampleModel { get; } = Path.Combine(Path.GetDirectoryName(s_program)!, "samples", "storyteller-29m-q4_k_m.gguf");

    private readonly Process _process;
    private readonly Task _output;

    private FaultServer(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public HttpClient Client { get; }

    /// <summary>Of the coordinator.</summary>
    public int ProcessId => _process.Id;

    /// <exception cref="InvalidOperationException">It ended instead of serving.</exception>
    public static async Task<FaultServer> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(s_program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (!arguments.Contains("--cluster-listen")) arguments = ["--cluster-listen", "127.0.0.1:0", .. arguments];
        foreach (var argument in (string[])["serve", "--listen", "127.0.0.1:0", .. arguments]) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var address = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("API on ", StringComparison.Ordinal)) address = line["API on ".Length..line.IndexOf(',', StringComparison.Ordinal)];
            if (line == "Ready") return new FaultServer(process, new Uri(address));
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    /// <summary>Continues texts at the same time, each on a connection of its own, to their ends.</summary>
    /// <param name="streams">The texts.</param>
    /// <param name="onToken">Called for each token of any, with how many came so far; one call at a time.</param>
    public async Task RunAsync(IReadOnlyList<LiveStream> streams, Action<int> onToken)
    {
        var count = 0;
        var gate = new Lock();
        await Task.WhenAll(streams.Select(stream => stream.RunAsync(Client, () =>
        {
            lock (gate) onToken(++count);
        }))).WaitAsync(s_patience);
    }

    /// <summary>What <c>GET /cluster</c> says, as soon as it meets the condition.</summary>
    public async Task<JsonElement> WhenAsync(Func<JsonElement, bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            var cluster = JsonDocument.Parse(await Client.GetStringAsync(new Uri("/cluster", UriKind.Relative), patience.Token)).RootElement;
            if (condition(cluster)) return cluster;
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }

    /// <summary>As soon as so many workers compute and nothing is amiss.</summary>
    public Task<JsonElement> WhenWholeAsync(int workers) => WhenAsync(cluster =>
        cluster.GetProperty("status").GetString() == "ok"
        && cluster.TryGetProperty("ranks", out var ranks) && ranks.GetArrayLength() == workers
        && ranks.EnumerateArray().All(rank => rank.GetProperty("present").GetBoolean()));

    /// <summary>What <c>cluster workers</c> says when it is asked of this server.</summary>
    public Task<string> WorkersAsync(string verb, params string[] arguments) => CommandAsync(["workers", verb, .. arguments, "--url", Client.BaseAddress!.ToString()]);

    /// <summary>What a command of the coordinator's program prints.</summary>
    /// <exception cref="InvalidOperationException">It fails.</exception>
    public static async Task<string> CommandAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(s_program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"cluster {string.Join(' ', arguments)} ended with exit code {process.ExitCode}");
    }

    public static int PlanVersion(JsonElement cluster) => cluster.GetProperty("plan_version").GetInt32();

    public static bool HasEvent(JsonElement cluster, string text) =>
        cluster.GetProperty("events").EnumerateArray().Any(item => item.GetProperty("text").GetString()!.Contains(text, StringComparison.Ordinal));

    /// <summary>Sends a signal to a local worker.</summary>
    /// <param name="name">The worker.</param>
    /// <param name="signal">KILL, STOP, CONT, TERM.</param>
    public void Signal(string name, string signal) => Signal(ChildId(name), signal);

    /// <summary>Sends a signal to the coordinator.</summary>
    public void SignalCoordinator(string signal) => Signal(_process.Id, signal);

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return _process.ExitCode;
    }

    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The process of a local worker.</summary>
    public int ChildId(string name)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id)) continue;
            try
            {
                // "ID (NAME) STATE PARENT …", and the arguments with a zero byte after each.
                var parent = File.ReadAllText($"{folder}/stat").Split(") ")[^1].Split(' ')[1];
                if (parent == _process.Id.ToString(CultureInfo.InvariantCulture)
                    && File.ReadAllText($"{folder}/cmdline").Contains($"--name\0{name}\0", StringComparison.Ordinal)) return id;
            }
            catch (IOException)
            {
                // It has ended in the meantime.
            }
        }

        throw new InvalidOperationException($"There is no local worker '{name}'.");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
    }
}
