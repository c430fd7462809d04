using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a[b:c:d]</c>.</summary>
internal sealed class SliceExpression(Expression subject, Expression? start, Expression? end, Expression? step) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => Lookup.Slice(
        subject.Evaluate(context), start?.Evaluate(context), end?.Evaluate(context), step?.Evaluate(context), context.Budget);
}
