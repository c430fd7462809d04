using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>and</c>, <c>or</c>: the operand that decides is the value.</summary>
internal sealed class LogicalExpression(Expression left, bool isOr, Expression right) : Expression
{
    protected override object? EvaluateCore(RenderContext context) =>
        left.Evaluate(context) is var value && Truth.Of(value) == isOr ? value : right.Evaluate(context);
}
