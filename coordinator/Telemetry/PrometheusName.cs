namespace Cluster.Coordinator.Telemetry;

/// <summary>Names of instruments as Prometheus has them: words joined by underscores, then the unit, then <c>total</c> for what only grows.</summary>
internal static class PrometheusName
{
    /// <param name="name">As OpenTelemetry has it.</param>
    /// <param name="unit">In UCUM; what stands in braces is no unit.</param>
    /// <param name="isCounter">Whether it only grows.</param>
    public static string Of(string name, string? unit, bool isCounter)
    {
        var words = Word(name);
        if (UnitWord(unit) is { } suffix && !words.EndsWith($"_{suffix}", StringComparison.Ordinal)) words = $"{words}_{suffix}";
        return isCounter ? $"{words}_total" : words;
    }

    /// <summary>A name of a metric or a label.</summary>
    public static string Word(string name) => string.Create(name.Length, name, static (word, text) =>
    {
        for (var i = 0; i < word.Length; i++) word[i] = char.IsAsciiLetter(text[i]) || (i > 0 && char.IsAsciiDigit(text[i])) ? text[i] : '_';
    });

    private static string? UnitWord(string? unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        null or "" or "1" => null,
        _ when unit[0] == '{' => null,
        _ => throw new NotSupportedException($"Prometheus' word for the unit {unit} is not known."),
    };
}
