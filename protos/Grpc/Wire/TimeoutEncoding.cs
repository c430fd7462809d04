using System.Globalization;

namespace Grpc.Wire;

/// <summary>The value of <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
internal static class TimeoutEncoding
{
    private const long MaxDigits = 99_999_999;

    // Finest first: the first unit in which the value fits in eight digits keeps the most precision.
    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>Rounded up, so that the server never gives up before the client.</summary>
    public static string Encode(TimeSpan timeout)
    {
        foreach (var (unit, ticks) in Units)
        {
            var count = Math.Max(1, (timeout.Ticks / ticks) + (timeout.Ticks % ticks > 0 ? 1 : 0));
            if (count <= MaxDigits)
                return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
        }

        return $"{MaxDigits}H";
    }

    public static bool TryDecode(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = new TimeSpan(count / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
        {
            if (unit != text[^1])
                continue;
            timeout = count > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue : new TimeSpan(count * ticks);
            return true;
        }

        return false;
    }
}
