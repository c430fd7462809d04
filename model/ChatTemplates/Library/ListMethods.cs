using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Methods of lists.</summary>
internal static class ListMethods
{
    public static readonly OperationTable Table = new()
    {
        { "append", ["item"], static call => Change(call, 1, list => list.Add(call[0])) },
        { "extend", ["items"], static call => Items.Of(call[0]).ToArray() is var added ? Change(call, added.Length, list => list.AddRange(added)) : null },
        { "insert", ["index", "item"], static call => Change(call, 1, list => list.Insert((int)Math.Clamp(Place(call, list.Count), 0, list.Count), call[1])) },
        { "clear", static call => Change(call, 0, static list => list.Clear()) },
        { "reverse", static call => Change(call, 0, static list => list.Reverse()) },
        { "pop", ["index"], Pop },
        { "remove", ["item"], static call => Change(call, 0, list => list.RemoveAt(IndexOf(list, call[0]))) },
        { "index", ["item"], static call => (long)IndexOf(List(call), call[0]) },
        { "count", ["item"], static call => (long)List(call).Count(item => Equality.AreEqual(item, call[0])) },
        { "copy", static call => new List<object?>(List(call)) },
    };

    private static List<object?> List(OperationCall call) => (List<object?>)call.Subject!;

    private static object? Change(OperationCall call, int growth, Action<List<object?>> change)
    {
        call.Budget.Spend(growth);
        change(List(call));
        return null;
    }

    private static long Place(OperationCall call, int count) => call.Integer(0, -1) is var index && index < 0 ? index + count : index;

    private static object? Pop(OperationCall call)
    {
        var list = List(call);
        var place = Place(call, list.Count);
        if (place < 0 || place >= list.Count) throw new TemplateValueException("there is nothing to pop");

        var item = list[(int)place];
        list.RemoveAt((int)place);
        return item;
    }

    private static int IndexOf(List<object?> list, object? item) =>
        list.FindIndex(other => Equality.AreEqual(other, item)) is var index and >= 0 ? index : throw new TemplateValueException("the list has no such item");
}
