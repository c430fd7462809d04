namespace Cluster.Coordinator.Engine;

/// <summary>
/// Finds stop strings in a text that comes in pieces. What may be the beginning of one is held back until it is known.
/// </summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop string came. The text ends before it.</summary>
    public bool IsMatched { get; private set; }

    /// <summary>Takes in the next piece and returns what is certain to be text.</summary>
    public string Append(string piece)
    {
        if (stops.Count == 0 || piece.Length == 0) return piece;

        var text = _held + piece;
        var end = FindFirst(text);
        if (end >= 0)
        {
            IsMatched = true;
            _held = "";
            return text[..end];
        }

        var certain = text.Length - LongestBeginning(text);
        _held = text[certain..];
        return text[..certain];
    }

    /// <summary>What was held back, once nothing more comes.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    private int FindFirst(string text)
    {
        var first = -1;
        foreach (var stop in stops)
        {
            var index = text.IndexOf(stop, StringComparison.Ordinal);
            if (index >= 0 && (first < 0 || index < first)) first = index;
        }

        return first;
    }

    /// <summary>Length of the longest end of the text with which a stop string begins.</summary>
    private int LongestBeginning(string text)
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (!text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) continue;
                longest = length;
                break;
            }
        }

        return longest;
    }
}
