using System.Globalization;

namespace Cluster.Coordinator.Commands;

/// <summary>Times as people write them: <c>30m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class Duration
{
    private const int MostDays = 3660;

    /// <returns>Null for what is none, and for more than ten years.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return null;
        TimeSpan? time = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' when number <= MostDays => TimeSpan.FromDays(number),
            _ => null,
        };
        return time <= TimeSpan.FromDays(MostDays) ? time : null;
    }
}
