using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a.b</c>.</summary>
internal sealed class AttributeExpression(Expression subject, string name) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => Lookup.Attribute(subject.Evaluate(context), name);
}
