namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Numbers: <see cref="long"/> and <see cref="double"/>, and truth values, which count as 0 and 1.</summary>
internal static class Numbers
{
    public static bool IsInteger(object? value) => value is long or bool;

    public static bool IsNumber(object? value) => value is long or double or bool;

    /// <exception cref="TemplateValueException">It is none.</exception>
    public static long ToInteger(object? value) => value switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        Undefined undefined => throw new TemplateValueException(undefined.Description),
        _ => throw new TemplateValueException($"a whole number is needed, not a {TypeNames.Of(value)}"),
    };

    /// <exception cref="TemplateValueException">It is no number.</exception>
    public static double ToDouble(object? value) => value is double number ? number : ToInteger(value);
}
