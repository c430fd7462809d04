using System.Runtime.CompilerServices;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Equality and order of values as in Python.</summary>
internal static class Equality
{
    public static bool AreEqual(object? left, object? right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return (left, right) switch
        {
            (null, null) => true,
            (string a, string b) => a == b,
            (bool or long, bool or long) => Numbers.ToInteger(left) == Numbers.ToInteger(right),
            (bool or long or double, bool or long or double) => Numbers.ToDouble(left) == Numbers.ToDouble(right),
            (List<object?> a, List<object?> b) => AreEqual(a, b),
            (TemplateTuple a, TemplateTuple b) => AreEqual(a.Items, b.Items),
            (TemplateDictionary a, TemplateDictionary b) => AreEqual(a, b),
            (Undefined, Undefined) => true,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <returns>Below, at or above 0.</returns>
    /// <exception cref="TemplateValueException">The values have no order.</exception>
    public static int Compare(object? left, object? right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return (left, right) switch
        {
            (string a, string b) => PythonText.Compare(a, b),
            (bool or long, bool or long) => Numbers.ToInteger(left).CompareTo(Numbers.ToInteger(right)),
            (bool or long or double, bool or long or double) => Numbers.ToDouble(left).CompareTo(Numbers.ToDouble(right)),
            (List<object?> a, List<object?> b) => Compare(a, b),
            (TemplateTuple a, TemplateTuple b) => Compare(a.Items, b.Items),
            (Undefined undefined, _) => throw new TemplateValueException(undefined.Description),
            (_, Undefined undefined) => throw new TemplateValueException(undefined.Description),
            _ => throw new TemplateValueException($"a {TypeNames.Of(left)} and a {TypeNames.Of(right)} have no order"),
        };
    }

    /// <summary>In order of keys; items with equal keys stay in theirs.</summary>
    /// <exception cref="TemplateValueException">The keys have no order.</exception>
    public static List<T> Sorted<T>(IEnumerable<T> items, Func<T, object?> key, bool isReversed)
    {
        try
        {
            return [.. items.OrderBy(key, Comparer<object?>.Create((a, b) => AreEqual(a, b) ? 0 : isReversed ? Compare(b, a) : Compare(a, b)))];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateValueException inner)
        {
            // The framework's sort wraps what comparing throws.
            throw inner;
        }
    }

    private static bool AreEqual(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!AreEqual(left[i], right[i])) return false;
        return true;
    }

    private static bool AreEqual(TemplateDictionary left, TemplateDictionary right) =>
        left.Count == right.Count && left.Entries.All(entry => right.TryGet(entry.Key, out var other) && AreEqual(entry.Value, other));

    private static int Compare(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
            if (!AreEqual(left[i], right[i])) return Compare(left[i], right[i]);
        return left.Count.CompareTo(right.Count);
    }
}
