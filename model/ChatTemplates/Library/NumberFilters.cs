using System.Globalization;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Filters that make numbers.</summary>
internal static class NumberFilters
{
    public static readonly OperationTable Table = new()
    {
        { "length", static call => Items.CountOf(call.Subject) },
        { "abs", static call => call.Subject is double real ? (object)Math.Abs(real) : Math.Abs(Numbers.ToInteger(call.Subject)) },
        { "int", ["default", "base"], ToInteger },
        { "float", ["default"], static call => ToDouble(call.Subject) ?? call.Or(0, 0.0) },
        { "round", ["precision", "method"], Round },
        { "sum", ["attribute", "start"], Sum },
        { "min", ["case_sensitive", "attribute"], static call => Extreme(call, -1) },
        { "max", ["case_sensitive", "attribute"], static call => Extreme(call, 1) },
    };

    private static object? ToInteger(OperationCall call)
    {
        if (Numbers.IsInteger(call.Subject)) return Numbers.ToInteger(call.Subject);
        if (call.Subject is string text)
        {
            var numberBase = call.Integer(1, 10);
            var digits = text.Trim().Replace("_", "", StringComparison.Ordinal);
            if (numberBase == 16 && digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
            var style = numberBase == 16 ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
            if (numberBase is 10 or 16 && long.TryParse(digits, style, CultureInfo.InvariantCulture, out var whole)) return whole;
        }

        return ToDouble(call.Subject) is { } real && Math.Abs(real) < long.MaxValue ? (long)real : call.Or(0, 0L);
    }

    private static double? ToDouble(object? value) => value switch
    {
        Undefined undefined => throw new TemplateValueException(undefined.Description),
        string text => double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => Numbers.IsNumber(value) ? Numbers.ToDouble(value) : null,
    };

    private static object Round(OperationCall call)
    {
        var precision = (int)Math.Clamp(call.Integer(0, 0), 0, 15);
        var method = call.Has(1) ? call.Text(1) : "common";
        var value = Numbers.ToDouble(call.Subject);
        var scale = Math.Pow(10, precision);
        return method switch
        {
            "common" when Numbers.IsInteger(call.Subject) => (object)Numbers.ToInteger(call.Subject),
            "common" => double.Parse(value.ToString($"F{precision}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            "ceil" => Math.Ceiling(value * scale) / scale,
            "floor" => Math.Floor(value * scale) / scale,
            _ => throw new TemplateValueException("a number is rounded by common, ceil or floor"),
        };
    }

    private static object? Sum(OperationCall call)
    {
        var get = SequenceFilters.Getter(call.Or(0, null));
        var sum = call.Or(1, 0L);
        foreach (var item in call.SubjectItems) sum = Arithmetic.Add(sum, get(item), call.Budget);
        return sum;
    }

    private static object? Extreme(OperationCall call, int sign)
    {
        var get = SequenceFilters.SortKey(call.Or(1, null), call.Flag(0));
        object? best = Undefined.Nothing, bestKey = null;
        foreach (var item in call.SubjectItems)
        {
            var key = get(item);
            if (best is not Undefined && Math.Sign(Equality.Compare(key, bestKey)) != sign) continue;
            (best, bestKey) = (item, key);
        }

        return best;
    }
}
