using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a[b]</c>.</summary>
internal sealed class ItemExpression(Expression subject, Expression key) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => Lookup.Item(subject.Evaluate(context), key.Evaluate(context));
}
