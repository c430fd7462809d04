using System.Globalization;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Filters that pick, order and change items.</summary>
internal static class SequenceFilters
{
    public static readonly OperationTable Table = new()
    {
        { "first", static call => call.SubjectItems is [var first, ..] ? first : Undefined.Nothing },
        { "last", static call => call.SubjectItems is [.., var last] ? last : Undefined.Nothing },
        { "list", static call => Pay(call, new List<object?>(call.SubjectItems)) },
        { "default", ["default_value", "boolean"], Default },
        { "items", static call => new TemplateGenerator(call.Subject switch
        {
            TemplateDictionary dictionary => Pay(call, DictionaryMethods.Pairs(dictionary)),
            Undefined => [],
            _ => throw new TemplateValueException("only a dictionary has items of keys and values"),
        }) },
        { "dictsort", ["case_sensitive", "by", "reverse"], DictSort },
        { "reverse", Reverse },
        { "sort", ["reverse", "case_sensitive", "attribute"], Sort },
        { "unique", ["case_sensitive", "attribute"], Unique },
        { "attr", ["name"], static call => Lookup.Attribute(call.Subject, call.Text(0)) },
        { "map", ["*"], Map },
        { "select", ["*"], static call => Select(call, keeps: true, byAttribute: false) },
        { "reject", ["*"], static call => Select(call, keeps: false, byAttribute: false) },
        { "selectattr", ["*"], static call => Select(call, keeps: true, byAttribute: true) },
        { "rejectattr", ["*"], static call => Select(call, keeps: false, byAttribute: true) },
        { "groupby", ["attribute"], GroupBy },
        { "batch", ["linecount", "fill_with"], Batch },
    };

    /// <summary>What <c>attribute='a.b.0'</c> takes of an item; the item itself for none.</summary>
    public static Func<object?, object?> Getter(object? attribute)
    {
        if (attribute is null) return static item => item;
        object?[] parts = attribute is string path
            ? [.. path.Split('.').Select(static part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (object)index : part)]
            : [attribute];
        return item => parts.Aggregate(item, Lookup.Item);
    }

    /// <summary>What items are compared by: capital and small letters are the same unless it is said otherwise.</summary>
    public static Func<object?, object?> SortKey(object? attribute, bool isCaseSensitive)
    {
        var get = Getter(attribute);
        return isCaseSensitive ? get : item => get(item) is var key && key is string text ? PythonText.Lower(text) : key;
    }

    private static List<object?> Pay(OperationCall call, List<object?> items)
    {
        call.Budget.Spend(items.Count);
        return items;
    }

    private static object? Default(OperationCall call) =>
        call.Subject is Undefined || (call.Flag(1) && !Truth.Of(call.Subject)) ? call.Or(0, "") : call.Subject;

    private static List<object?> DictSort(OperationCall call)
    {
        var place = (call.Has(1) ? call.Text(1) : "key") switch
        {
            "key" => 0L,
            "value" => 1L,
            _ => throw new TemplateValueException("a dictionary is sorted by key or by value"),
        };
        var pairs = call.Subject is TemplateDictionary dictionary ? DictionaryMethods.Pairs(dictionary) : throw new TemplateValueException("only a dictionary has keys to sort");
        return Sorted(call, pairs, SortKey(place, call.Flag(0)), call.Flag(2));
    }

    private static object Reverse(OperationCall call)
    {
        var reversed = call.SubjectItems.Reverse();
        return call.Subject is string text ? call.Budget.Text(string.Concat(reversed)) : new TemplateGenerator(Pay(call, [.. reversed]));
    }

    private static List<object?> Sort(OperationCall call) => Sorted(call, call.SubjectItems, SortKey(call.Or(2, null), call.Flag(1)), call.Flag(0));

    private static List<object?> Sorted(OperationCall call, IReadOnlyList<object?> items, Func<object?, object?> key, bool isReversed)
    {
        call.Budget.Spend(items.Count * 8L);
        return Equality.Sorted(items, key, isReversed);
    }

    private static TemplateGenerator Unique(OperationCall call) =>
        new TemplateGenerator(Pay(call, [.. call.SubjectItems.DistinctBy(SortKey(call.Or(1, null), call.Flag(0)), ValueComparer.Instance)]));

    private static TemplateGenerator Map(OperationCall call)
    {
        var named = call.Arguments.Named.ToDictionary(static argument => argument.Key, static argument => argument.Value);
        if (call.Arguments.Positional.Count == 0)
        {
            var get = Getter(named.GetValueOrDefault("attribute") ?? throw new TemplateValueException("'map' needs a filter or an attribute"));
            var fallback = named.GetValueOrDefault("default");
            return new TemplateGenerator(Pay(call, [.. call.SubjectItems.Select(item => get(item) is var value && value is Undefined && fallback is not null ? fallback : value)]));
        }

        var filter = Filters.Get(Name(call, 0));
        var rest = call.Arguments.Skip(1);
        return new TemplateGenerator(Pay(call, [.. call.SubjectItems.Select(item => filter.Call(call.Context, item, rest))]));
    }

    private static TemplateGenerator Select(OperationCall call, bool keeps, bool byAttribute)
    {
        var given = call.Arguments.Positional;
        var offset = byAttribute ? 1 : 0;
        if (given.Count < offset) throw new TemplateValueException("the name of an attribute is missing");

        var get = Getter(byAttribute ? given[0] : null);
        var test = given.Count > offset ? Tests.Get(Name(call, offset)) : null;
        var rest = call.Arguments.Skip(offset + 1);
        return new TemplateGenerator(Pay(call, [.. call.SubjectItems.Where(item =>
        {
            call.Budget.Step();
            var value = get(item);
            return Truth.Of(test is null ? value : test.Call(call.Context, value, rest)) == keeps;
        })]));
    }

    private static List<object?> GroupBy(OperationCall call)
    {
        var get = Getter(call[0]);
        var groups = Sorted(call, call.SubjectItems, SortKey(call[0], isCaseSensitive: false), isReversed: false).GroupBy(get, ValueComparer.Instance);
        return new List<object?>(groups.Select(static group => new TemplateTuple([group.Key, new List<object?>(group)])));
    }

    private static TemplateGenerator Batch(OperationCall call)
    {
        var size = (int)Math.Clamp(call.Integer(0, 1), 1, int.MaxValue);
        var batches = call.SubjectItems.Chunk(size).Select(static batch => new List<object?>(batch)).ToList();
        if (call.Has(1) && call[1] is { } filler && batches is [.., var last])
        {
            call.Budget.Spend(size - last.Count);
            while (last.Count < size) last.Add(filler);
        }

        return new TemplateGenerator(Pay(call, [.. batches]));
    }

    private static string Name(OperationCall call, int index) =>
        call.Arguments.Positional[index] as string ?? throw new TemplateValueException("the name of a filter or test must be a text");
}
