namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary>One comparison or a chain of them: <c>a &lt; b &lt;= c</c> is true if each is.</summary>
internal sealed class ComparisonExpression(Expression first, IReadOnlyList<(Func<object?, object?, bool> Holds, Expression Right)> links) : Expression
{
    protected override object? EvaluateCore(RenderContext context)
    {
        var left = first.Evaluate(context);
        foreach (var (holds, expression) in links)
        {
            var right = expression.Evaluate(context);
            if (right is IReadOnlyCollection<object?> items) context.Budget.Spend(items.Count);
            if (!holds(left, right)) return false;
            left = right;
        }

        return true;
    }
}
