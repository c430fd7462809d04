using System.Globalization;
using System.Text.Json;

namespace Cluster.Coordinator.Chat;

/// <summary>Parameters of requests that the person has chosen; all others are the server's.</summary>
internal sealed class ChatSettings
{
    private static readonly string[] s_numbers = ["temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty"];
    private static readonly string[] s_wholeNumbers = ["top_k", "max_tokens", "seed"];
    private static readonly string[] s_texts = ["stop"];

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Names that can be set.</summary>
    public static IEnumerable<string> Names => [.. s_numbers, .. s_wholeNumbers, .. s_texts];

    /// <summary>Name and value of each that was.</summary>
    public IEnumerable<KeyValuePair<string, string>> Values => _values;

    /// <param name="name">Of the request's parameter.</param>
    /// <param name="value">Empty: the server's default again.</param>
    /// <returns>What is wrong, in one line; null when it is set.</returns>
    public string? Set(string name, string value)
    {
        if (!Names.Contains(name)) return $"there is no setting '{name}'; there are {string.Join(", ", Names)}";
        if (value.Length == 0)
        {
            _values.Remove(name);
            return null;
        }

        if (s_numbers.Contains(name) && !(double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)))
            return $"{name} needs a number, not '{value}'";
        if (s_wholeNumbers.Contains(name) && !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return $"{name} needs a whole number, not '{value}'";

        _values[name] = value;
        return null;
    }

    /// <summary>Members of a request.</summary>
    public void Write(Utf8JsonWriter json)
    {
        foreach (var (name, value) in _values)
        {
            if (s_texts.Contains(name)) json.WriteString(name, value);
            else if (s_wholeNumbers.Contains(name)) json.WriteNumber(name, long.Parse(value, CultureInfo.InvariantCulture));
            else json.WriteNumber(name, double.Parse(value, CultureInfo.InvariantCulture));
        }
    }
}
