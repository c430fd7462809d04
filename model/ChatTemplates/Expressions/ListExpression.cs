namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class ListExpression(IReadOnlyList<Expression> items) : Expression
{
    protected override object? EvaluateCore(RenderContext context)
    {
        var list = new List<object?>(items.Count);
        foreach (var item in items) list.Add(item.Evaluate(context));
        return list;
    }
}
