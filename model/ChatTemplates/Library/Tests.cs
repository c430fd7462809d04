using System.Collections.Frozen;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>All tests: what can follow <c>is</c>.</summary>
internal static class Tests
{
    private static readonly OperationTable s_kinds = new()
    {
        { "defined", static call => call.Subject is not Undefined },
        { "undefined", static call => call.Subject is Undefined },
        { "none", static call => call.Subject is null },
        { "boolean", static call => call.Subject is bool },
        { "true", static call => call.Subject is true },
        { "false", static call => call.Subject is false },
        { "integer", static call => call.Subject is long },
        { "float", static call => call.Subject is double },
        { "number", static call => Numbers.IsNumber(call.Subject) },
        { "string", static call => call.Subject is string },
        { "mapping", static call => call.Subject is TemplateDictionary },
        { "sequence", static call => call.Subject is not TemplateGenerator && Items.CanBeListed(call.Subject) },
        { "iterable", static call => Items.CanBeListed(call.Subject) },
        { "callable", static call => call.Subject is TemplateCallable },
        { "escaped", static _ => false },
        { "filter", static call => call.Subject is string name && Filters.Find(name) is not null },
        { "test", static call => call.Subject is string name && Find(name) is not null },
    };

    private static readonly OperationTable s_values = new()
    {
        { "eq", ["other"], static call => Equality.AreEqual(call.Subject, call[0]) },
        { "ne", ["other"], static call => !Equality.AreEqual(call.Subject, call[0]) },
        { "lt", ["other"], static call => Equality.Compare(call.Subject, call[0]) < 0 },
        { "le", ["other"], static call => Equality.Compare(call.Subject, call[0]) <= 0 },
        { "gt", ["other"], static call => Equality.Compare(call.Subject, call[0]) > 0 },
        { "ge", ["other"], static call => Equality.Compare(call.Subject, call[0]) >= 0 },
        { "in", ["seq"], static call => Items.Contain(call[0], call.Subject) },
        { "sameas", ["other"], static call => TypeNames.Of(call.Subject) == TypeNames.Of(call[0]) && Equality.AreEqual(call.Subject, call[0]) },
        { "odd", static call => Numbers.ToInteger(call.Subject) % 2 != 0 },
        { "even", static call => Numbers.ToInteger(call.Subject) % 2 == 0 },
        { "divisibleby", ["num"], static call => Equality.AreEqual(Arithmetic.Modulo(Numbers.ToInteger(call.Subject), call[0], call.Budget), 0L) },
        { "upper", static call => call.SubjectText is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower) },
        { "lower", static call => call.SubjectText is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper) },
    };

    private static readonly FrozenDictionary<string, Operation> s_all = OperationTable.Join(
        [s_kinds, s_values],
        [
            ("==", "eq"), ("equalto", "eq"), ("!=", "ne"), ("<", "lt"), ("lessthan", "lt"), ("<=", "le"), (">", "gt"), ("greaterthan", "gt"),
            (">=", "ge"),
        ]);

    public static Operation? Find(string name) => s_all.GetValueOrDefault(name);

    /// <summary>One that is not there fails when it is used: templates may name it where they do not come to.</summary>
    public static Operation Get(string name) =>
        Find(name) ?? new Operation(name, ["*"], _ => throw new TemplateValueException($"there is no test '{name}'"));
}
