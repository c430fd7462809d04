using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class TupleExpression(IReadOnlyList<Expression> items) : Expression
{
    public IReadOnlyList<Expression> Items => items;

    protected override object? EvaluateCore(RenderContext context)
    {
        var values = new object?[items.Count];
        for (var i = 0; i < values.Length; i++) values[i] = items[i].Evaluate(context);
        return new TemplateTuple(values);
    }
}
