using System.Globalization;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Numbers of tokens, ends included, each as likely as the others.</summary>
internal readonly record struct TokenRange(int Least, int Most)
{
    private const int Limit = 1 << 20;

    /// <summary>"128" or "32-512"; null for anything else.</summary>
    public static TokenRange? Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (least, most) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        return Number(least) is { } from && Number(most) is { } to && from <= to ? new TokenRange(from, to) : null;
    }

    public int Draw(Random random) => random.Next(Least, Most + 1);

    public override string ToString() => Least == Most ? $"{Least}" : $"{Least}-{Most}";

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Limit ? number : null;
}
