using System.Collections.Frozen;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>What operators do.</summary>
internal static class Operators
{
    /// <summary>Of one value with another.</summary>
    public static readonly FrozenDictionary<string, Func<object?, object?, RenderBudget, object?>> Arithmetical =
        new Dictionary<string, Func<object?, object?, RenderBudget, object?>>
        {
            ["+"] = Arithmetic.Add,
            ["-"] = static (left, right, _) => Arithmetic.Subtract(left, right),
            ["*"] = Arithmetic.Multiply,
            ["/"] = static (left, right, _) => Arithmetic.Divide(left, right),
            ["//"] = static (left, right, _) => Arithmetic.FloorDivide(left, right),
            ["%"] = Arithmetic.Modulo,
            ["**"] = static (left, right, _) => Arithmetic.Power(left, right),
        }.ToFrozenDictionary();

    /// <summary>Of one value and another.</summary>
    public static readonly FrozenDictionary<string, Func<object?, object?, bool>> Comparing = new Dictionary<string, Func<object?, object?, bool>>
    {
        ["=="] = Equality.AreEqual,
        ["!="] = static (left, right) => !Equality.AreEqual(left, right),
        ["<"] = static (left, right) => Equality.Compare(left, right) < 0,
        ["<="] = static (left, right) => Equality.Compare(left, right) <= 0,
        [">"] = static (left, right) => Equality.Compare(left, right) > 0,
        [">="] = static (left, right) => Equality.Compare(left, right) >= 0,
    }.ToFrozenDictionary();

    public static bool IsIn(object? item, object? container) => Items.Contain(container, item);

    public static bool IsNotIn(object? item, object? container) => !Items.Contain(container, item);
}
