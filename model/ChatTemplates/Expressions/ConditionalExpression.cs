using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a if b else c</c>.</summary>
internal sealed class ConditionalExpression(Expression value, Expression condition, Expression? otherwise) : Expression
{
    protected override object? EvaluateCore(RenderContext context) =>
        Truth.Of(condition.Evaluate(context)) ? value.Evaluate(context) : otherwise is null ? Undefined.Nothing : otherwise.Evaluate(context);
}
