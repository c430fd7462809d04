namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary>An operator between two values.</summary>
internal sealed class BinaryExpression(Expression left, Func<object?, object?, RenderBudget, object?> apply, Expression right) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => apply(left.Evaluate(context), right.Evaluate(context), context.Budget);
}
