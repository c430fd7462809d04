using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Functions that every template can call.</summary>
internal static class GlobalFunctions
{
    public static readonly OperationTable Table = new()
    {
        { "range", ["start", "stop", "step"], Range },
        { "namespace", ["*"], Namespace },
        { "dict", ["*"], static call => Fill(new TemplateDictionary(), call) },
        { "raise_exception", ["message"], static call => throw new TemplateValueException(TextForm.Of(call[0], call.Budget), isRefusal: true) },
        { "strftime_now", ["format"], static call => call.Budget.Text(StrfTime.Format(call.Context.Now, call.Text(0))) },
        { "joiner", ["sep"], static call => new BoundOperation(Joiner(call.Or(0, ", ")), null) },
    };

    /// <summary>All of them by name. Nobody sets anything in it.</summary>
    public static readonly Scope Scope = MakeScope();

    /// <summary>Adds the entries that a call names: those of a dictionary or of pairs, then the named arguments.</summary>
    public static TemplateDictionary Fill(TemplateDictionary dictionary, OperationCall call)
    {
        foreach (var source in call.Arguments.Positional)
        {
            var pairs = source is TemplateDictionary other ? DictionaryMethods.Pairs(other) : Items.Of(source);
            call.Budget.Spend(pairs.Count);
            foreach (var pair in pairs)
            {
                if (Items.Of(pair) is not [var key, var value]) throw new TemplateValueException("a dictionary is made of pairs");
                dictionary[key] = value;
            }
        }

        foreach (var (name, value) in call.Arguments.Named) dictionary[name] = value;
        return dictionary;
    }

    private static object? Range(OperationCall call)
    {
        var (start, stop) = call.Has(1) ? (call.Integer(0, 0), call.Integer(1, 0)) : (0, Numbers.ToInteger(call[0]));
        var step = call.Integer(2, 1);
        if (step == 0) throw new TemplateValueException("the step of a range is 0");

        var numbers = new List<object?>();
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            call.Budget.Spend(2);
            numbers.Add((long)i);
        }

        return numbers;
    }

    private static TemplateNamespace Namespace(OperationCall call)
    {
        var space = new TemplateNamespace();
        foreach (var (key, value) in Fill(new TemplateDictionary(), call).Entries) space.Attributes[key as string ?? ""] = value;
        return space;
    }

    private static Operation Joiner(object? separator)
    {
        var isUsed = false;
        return new Operation("joiner", [], _ =>
        {
            if (isUsed) return separator;
            isUsed = true;
            return "";
        });
    }

    private static Scope MakeScope()
    {
        var scope = new Scope(null);
        foreach (var function in Table.All) scope.Set(function.Name, new BoundOperation(function, null));
        return scope;
    }
}
