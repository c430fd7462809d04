namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Python's arithmetic operators. Whole numbers have 64 bits; what does not fit is an error.</summary>
internal static class Arithmetic
{
    public static object? Add(object? left, object? right, RenderBudget budget)
    {
        switch (left, right)
        {
            case (string a, string b):
                return budget.Text(a.Length + b.Length, a, b, static (a, b) => a + b);
            case (List<object?> a, List<object?> b):
                budget.Spend(a.Count + b.Count);
                return new List<object?>([.. a, .. b]);
            case (TemplateTuple a, TemplateTuple b):
                budget.Spend(a.Items.Length + b.Items.Length);
                return new TemplateTuple([.. a.Items, .. b.Items]);
            default:
                return Calculate("+", left, right, static (a, b) => checked(a + b), static (a, b) => a + b);
        }
    }

    public static object? Subtract(object? left, object? right) =>
        Calculate("-", left, right, static (a, b) => checked(a - b), static (a, b) => a - b);

    public static object? Multiply(object? left, object? right, RenderBudget budget)
    {
        if (left is not (string or List<object?> or TemplateTuple)) (left, right) = (right, left);
        if (left is not (string or List<object?> or TemplateTuple) || !Numbers.IsInteger(right))
            return Calculate("*", right, left, static (a, b) => checked(a * b), static (a, b) => a * b);

        var count = (int)Math.Clamp(Numbers.ToInteger(right), 0, int.MaxValue);
        if (left is string text) return budget.Text((long)text.Length * count, text, count, static (text, count) => string.Concat(Enumerable.Repeat(text, count)));
        var items = Items.Of(left);
        budget.Spend((long)items.Count * count);
        var repeated = Enumerable.Repeat(items, count).SelectMany(static part => part);
        return left is TemplateTuple ? new TemplateTuple([.. repeated]) : new List<object?>(repeated);
    }

    public static object? Divide(object? left, object? right)
    {
        RequireNumbers("/", left, right);
        return Numbers.ToDouble(left) / NotZero(Numbers.ToDouble(right));
    }

    public static object? FloorDivide(object? left, object? right) => Calculate(
        "//",
        left,
        right,
        static (a, b) => checked((a / NotZero(b)) - ((a % b != 0) && (a < 0 != b < 0) ? 1 : 0)),
        static (a, b) => Math.Floor(a / NotZero(b)));

    public static object? Modulo(object? left, object? right, RenderBudget budget) => left is string text
        ? PercentFormat.Apply(text, right, budget)
        : Calculate(
            "%",
            left,
            right,
            static (a, b) => b == -1 ? 0 : a % NotZero(b) is var rest && rest != 0 && (rest < 0 != b < 0) ? rest + b : rest,
            static (a, b) => a - (Math.Floor(a / NotZero(b)) * b));

    public static object? Power(object? left, object? right)
    {
        RequireNumbers("**", left, right);
        if (!Numbers.IsInteger(left) || !Numbers.IsInteger(right) || Numbers.ToInteger(right) < 0) return Math.Pow(Numbers.ToDouble(left), Numbers.ToDouble(right));

        var value = System.Numerics.BigInteger.Pow(Numbers.ToInteger(left), (int)Math.Min(Numbers.ToInteger(right), 64));
        var isExact = Numbers.ToInteger(right) <= 64 || value.IsZero || System.Numerics.BigInteger.Abs(value).IsOne;
        if (!isExact || value < long.MinValue || value > long.MaxValue) throw TooLarge();
        return Numbers.ToInteger(left) == -1 && Numbers.ToInteger(right) % 2 != 0 ? -1L : (long)value;
    }

    public static object? Negate(object? value)
    {
        RequireNumbers("-", value, value);
        return value is double number ? -number : Subtract(0L, value);
    }

    private static object Calculate(string sign, object? left, object? right, Func<long, long, long> whole, Func<double, double, double> real)
    {
        RequireNumbers(sign, left, right);
        if (!Numbers.IsInteger(left) || !Numbers.IsInteger(right)) return real(Numbers.ToDouble(left), Numbers.ToDouble(right));
        try
        {
            return whole(Numbers.ToInteger(left), Numbers.ToInteger(right));
        }
        catch (OverflowException)
        {
            throw TooLarge();
        }
    }

    private static long NotZero(long value) => value != 0 ? value : throw new TemplateValueException("division by zero");

    private static double NotZero(double value) => value != 0 ? value : throw new TemplateValueException("division by zero");

    private static void RequireNumbers(string sign, object? left, object? right)
    {
        if ((left as Undefined ?? right as Undefined) is { } undefined) throw new TemplateValueException(undefined.Description);
        if (!Numbers.IsNumber(left) || !Numbers.IsNumber(right))
            throw new TemplateValueException($"'{sign}' cannot be applied to a {TypeNames.Of(left)} and a {TypeNames.Of(right)}");
    }

    private static TemplateValueException TooLarge() => new("a whole number does not fit into 64 bits");
}
