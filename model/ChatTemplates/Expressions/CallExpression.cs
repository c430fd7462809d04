using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>f(a, b=c)</c>.</summary>
internal sealed class CallExpression(Expression function, ArgumentList arguments) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => Call(context, []);

    /// <param name="context">Of the rendering.</param>
    /// <param name="extra">Named arguments besides those that are written.</param>
    public object? Call(RenderContext context, IReadOnlyList<KeyValuePair<string, object?>> extra)
    {
        var callable = function.Evaluate(context);
        var given = arguments.Evaluate(context);
        return callable switch
        {
            TemplateCallable known => known.Call(context, extra.Count == 0 ? given : given with { Named = [.. given.Named, .. extra] }),
            Undefined undefined => throw new TemplateValueException(undefined.Description),
            _ => throw new TemplateValueException($"a {TypeNames.Of(callable)} cannot be called"),
        };
    }
}
