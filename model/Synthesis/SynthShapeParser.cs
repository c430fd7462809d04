using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Cluster.Model.Synthesis;

/// <summary>Parses the text form of a shape; see <see cref="SynthShape.TryParse"/>.</summary>
internal static class SynthShapeParser
{
    private const string Numbers = "layers, hidden, ffn, heads, kv-heads, head-dim, vocab, context";
    private const int DefaultContext = 4096;

    public static bool TryParse(string text, [NotNullWhen(true)] out SynthShape? shape, [NotNullWhen(false)] out string? error)
    {
        shape = null;
        SynthShape? named = null;
        var numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Split('=', 2, StringSplitOptions.TrimEntries) is [string key, string value])
                error = AddNumber(numbers, key, value);
            else
                error = i == 0 ? FindName(parts[i], out named) : $"'{parts[i]}' is not of the form name=number";
            if (error is not null)
                return false;
        }
        return Build(named, text, numbers, out shape, out error);
    }

    private static bool Build(
        SynthShape? named, string text, Dictionary<string, int> numbers,
        [NotNullWhen(true)] out SynthShape? shape, [NotNullWhen(false)] out string? error)
    {
        shape = null;
        int? Number(string key, int? other) => numbers.TryGetValue(key, out int value) ? value : other;
        int? layers = Number("layers", named?.LayerCount), hidden = Number("hidden", named?.HiddenSize);
        int? feedForward = Number("ffn", named?.FeedForwardSize), heads = Number("heads", named?.HeadCount);
        int? vocabulary = Number("vocab", named?.VocabularySize);
        if (layers is null || hidden is null || feedForward is null || heads is null || vocabulary is null)
        {
            error = "a shape without a name needs layers, hidden, ffn, heads and vocab";
            return false;
        }
        bool headsGiven = numbers.ContainsKey("heads") || numbers.ContainsKey("hidden");
        int? headDim = Number("head-dim", headsGiven ? heads > 0 && hidden % heads == 0 ? hidden / heads : null : named?.HeadDim);
        if (headDim is null)
        {
            error = $"hidden is {hidden}, which is not a multiple of {heads} heads: head-dim is needed";
            return false;
        }
        error = null;
        shape = (named ?? SynthShapes.Tiny) with
        {
            Name = text.Trim(),
            LayerCount = layers.Value,
            HiddenSize = hidden.Value,
            FeedForwardSize = feedForward.Value,
            HeadCount = heads.Value,
            KvHeadCount = Number("kv-heads", numbers.ContainsKey("heads") ? null : named?.KvHeadCount) ?? heads.Value,
            HeadDim = headDim.Value,
            VocabularySize = vocabulary.Value,
            ContextLength = Number("context", named?.ContextLength) ?? DefaultContext,
        };
        return true;
    }

    private static string? FindName(string name, out SynthShape? shape)
    {
        shape = SynthShapes.All.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return shape is null
            ? $"there is no shape '{name}' (there are {string.Join(", ", SynthShapes.All.Select(s => s.Name))}, or numbers: {Numbers})"
            : null;
    }

    private static string? AddNumber(Dictionary<string, int> numbers, string key, string value)
    {
        if (!Numbers.Split(", ").Contains(key, StringComparer.OrdinalIgnoreCase))
            return $"'{key}' is not a number of a shape ({Numbers} are)";
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return $"'{value}' is not a number for {key}";
        return numbers.TryAdd(key, number) ? null : $"{key} is given twice";
    }
}
