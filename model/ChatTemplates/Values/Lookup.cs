using Cluster.Model.ChatTemplates.Library;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What <c>a.b</c>, <c>a[b]</c> and <c>a[b:c]</c> mean.</summary>
internal static class Lookup
{
    /// <summary><c>subject.name</c>: a method before an entry of that name.</summary>
    public static object? Attribute(object? subject, string name)
    {
        if (subject is Undefined undefined) throw new TemplateValueException(undefined.Description);
        return TryMember(subject, name, out var value) || (subject is TemplateDictionary dictionary && dictionary.TryGet(name, out value))
            ? value
            : Undefined.Attribute(subject, name);
    }

    /// <summary><c>subject[key]</c>: an entry before a method of that name.</summary>
    public static object? Item(object? subject, object? key)
    {
        if (subject is Undefined undefined) throw new TemplateValueException(undefined.Description);
        if (subject is TemplateDictionary dictionary && key is not (List<object?> or TemplateDictionary) && dictionary.TryGet(key, out var entry)) return entry;
        if (Numbers.IsInteger(key) && TryItemAt(subject, Numbers.ToInteger(key), out var item)) return item;
        return key is string name && TryMember(subject, name, out var member)
            ? member
            : key is long index ? Undefined.Item(subject, index) : Undefined.Attribute(subject, key as string ?? TypeNames.Of(key));
    }

    /// <summary><c>subject[start:end:step]</c>; null stands for what is left out.</summary>
    public static object? Slice(object? subject, object? start, object? end, object? step, RenderBudget budget)
    {
        if (subject is Undefined undefined) throw new TemplateValueException(undefined.Description);
        if (subject is not (string or List<object?> or TemplateTuple)) throw new TemplateValueException($"a {TypeNames.Of(subject)} has no parts to cut out");

        var stride = step is null ? 1 : Math.Clamp(Numbers.ToInteger(step), int.MinValue, int.MaxValue);
        if (stride == 0) throw new TemplateValueException("the step of a slice is 0");
        if (subject is string plain && stride == 1 && !PythonText.HasPairs(plain))
        {
            var (from, to) = (Bound(start, 0, plain.Length, 1), Bound(end, plain.Length, plain.Length, 1));
            return from < to ? budget.Text(plain[(int)from..(int)to]) : "";
        }

        var items = Items.Of(subject);
        var picked = new List<object?>();
        var last = Bound(end, stride > 0 ? items.Count : -1, items.Count, stride);
        for (var i = Bound(start, stride > 0 ? 0 : items.Count - 1, items.Count, stride); stride > 0 ? i < last : i > last; i += stride) picked.Add(items[(int)i]);
        budget.Spend(picked.Count);
        return subject switch
        {
            string => string.Concat(picked),
            TemplateTuple => new TemplateTuple([.. picked]),
            _ => picked,
        };
    }

    private static long Bound(object? bound, long missing, long count, long stride)
    {
        if (bound is null) return missing;
        var index = Numbers.ToInteger(bound);
        if (index < 0) index += count;
        return stride > 0 ? Math.Clamp(index, 0, count) : Math.Clamp(index, -1, count - 1);
    }

    private static bool TryItemAt(object? subject, long index, out object? value)
    {
        value = null;
        if (subject is not (string or List<object?> or TemplateTuple)) return false;

        var isPlain = subject is string plain && !PythonText.HasPairs(plain);
        var items = isPlain ? [] : Items.Of(subject);
        var count = isPlain ? ((string)subject).Length : items.Count;
        if (index < 0) index += count;
        if (index < 0 || index >= count) return false;

        value = isPlain ? ((string)subject)[(int)index].ToString() : items[(int)index];
        return true;
    }

    private static bool TryMember(object? subject, string name, out object? value)
    {
        switch (subject)
        {
            case TemplateNamespace space:
                return space.Attributes.TryGetValue(name, out value);
            case LoopState loop:
                return loop.TryGet(name, out value);
            default:
                var method = Methods.Find(subject, name);
                value = method is null ? null : new BoundOperation(method, subject);
                return method is not null;
        }
    }
}
