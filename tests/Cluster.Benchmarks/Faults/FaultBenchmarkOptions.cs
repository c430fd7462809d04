using System.Globalization;

namespace Cluster.Benchmarks.Faults;

/// <summary>What the fault benchmark does.</summary>
internal sealed record FaultBenchmarkOptions
{
    /// <summary>Of a partition, where none is named.</summary>
    private static readonly TimeSpan s_partition = TimeSpan.FromSeconds(10);

    public int Runs { get; private init; } = 100;

    public int Workers { get; private init; } = 3;

    public int Streams { get; private init; } = 8;

    public int Tokens { get; private init; } = 100;

    public int Seed { get; private init; } = 1;

    /// <summary>What the worker is sent: KILL, STOP, TERM.</summary>
    public string Signal { get; private init; } = "KILL";

    /// <summary>Whether it is cut from everybody instead.</summary>
    public bool Partition { get; private init; }

    /// <summary>How long the harm lasts; null when it is for good.</summary>
    public TimeSpan? HealAfter { get; private init; }

    /// <summary>What is done, in a word.</summary>
    public string Harm => Partition ? "cut" : Signal;

    /// <summary>What is done, as it is told of a worker.</summary>
    public string Description => (Partition ? "cut from everybody" : $"sent SIG{Signal}") + (HealAfter is { } after ? FormattableString.Invariant($" for {after.TotalSeconds:0.#} s") : "");

    /// <exception cref="FormatException">An option is unknown or its value is wrong.</exception>
    public static FaultBenchmarkOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new FaultBenchmarkOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (arguments[i] == "--partition")
            {
                options = options with { Partition = true, HealAfter = options.HealAfter ?? s_partition };
                i--;
                continue;
            }

            if (i + 1 == arguments.Length) throw new FormatException($"{arguments[i]} needs a value");
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--runs" => options with { Runs = Number(value) },
                "--workers" => options with { Workers = Number(value) },
                "--streams" => options with { Streams = Number(value) },
                "--tokens" => options with { Tokens = Number(value) },
                "--seed" => options with { Seed = Number(value) },
                "--signal" => options with { Signal = value },
                "--seconds" => options with { HealAfter = TimeSpan.FromSeconds(Number(value)) },
                _ => throw new FormatException($"no option {arguments[i]}"),
            };
        }

        if (options is { HealAfter: not null, Partition: false, Signal: not "STOP" }) throw new FormatException("--seconds is for --signal STOP and --partition");
        return options;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException($"'{text}' is no whole number of at least 1");
}
