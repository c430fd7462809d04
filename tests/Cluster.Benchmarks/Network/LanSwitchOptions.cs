using System.Globalization;

namespace Cluster.Benchmarks.Network;

/// <summary>What the switch connects.</summary>
internal sealed record LanSwitchOptions
{
    /// <summary>Names of the devices that it makes.</summary>
    public string[] Ports { get; private init; } = [];

    public double BitsPerSecond { get; private init; } = 1e9;

    /// <summary>One way, nanoseconds.</summary>
    public long Delay { get; private init; }

    /// <exception cref="FormatException">An option is unknown or its value is wrong.</exception>
    public static LanSwitchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LanSwitchOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length) throw new FormatException($"{arguments[i]} needs a value");
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--ports" => options with { Ports = value.Split(',') },
                "--rate" => options with { BitsPerSecond = Rate(value) },
                "--rtt" => options with { Delay = (long)(Number(value) * 1e6 / 2) },
                _ => throw new FormatException($"no option {arguments[i]}"),
            };
        }

        return options.Ports.Length < 2 ? throw new FormatException("--ports needs two names at least") : options;
    }

    /// <summary>As tc writes it: <c>1gbit</c>, <c>100mbit</c>.</summary>
    private static double Rate(string text) => text switch
    {
        _ when text.EndsWith("gbit", StringComparison.Ordinal) => Number(text[..^4]) * 1e9,
        _ when text.EndsWith("mbit", StringComparison.Ordinal) => Number(text[..^4]) * 1e6,
        _ => throw new FormatException($"'{text}' is no rate such as 1gbit or 100mbit"),
    };

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{text}' is no number");
}
