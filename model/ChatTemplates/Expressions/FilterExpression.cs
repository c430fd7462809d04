using Cluster.Model.ChatTemplates.Library;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a | filter(b)</c>.</summary>
internal sealed class FilterExpression(Expression subject, Operation filter, ArgumentList arguments) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => filter.Call(context, subject.Evaluate(context), arguments.Evaluate(context));
}
