using System.Globalization;

namespace Cluster.Coordinator.Planning;

/// <summary>Amounts of memory as people read and write them.</summary>
internal static class ByteSize
{
    private static readonly (string Letter, long Bytes)[] s_units = [("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20), ("K", 1L << 10)];

    /// <summary>In GiB, less than one in MiB.</summary>
    public static string Format(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):N1} GiB")
        : $"{InMiB(bytes)} MiB";

    /// <summary>The number alone, for columns of a table.</summary>
    public static string InMiB(long bytes, int decimals = 1) => (bytes / (double)(1L << 20)).ToString($"N{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A number with a unit of 1024, as in 4GiB, 4G or 512MiB; null when it is none, or not above 0.</summary>
    public static long? Parse(string text)
    {
        foreach (var (letter, unit) in s_units)
        {
            foreach (var suffix in (ReadOnlySpan<string>)[letter + "iB", letter])
            {
                if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;

                var isNumber = double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
                return isNumber && number * unit is >= 1 and < long.MaxValue ? (long)(number * unit) : null;
            }
        }

        return null;
    }
}
