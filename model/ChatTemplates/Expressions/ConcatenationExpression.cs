using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a ~ b ~ c</c>: the texts of values, one after the other.</summary>
internal sealed class ConcatenationExpression(IReadOnlyList<Expression> parts) : Expression
{
    protected override object? EvaluateCore(RenderContext context)
    {
        var texts = new string[parts.Count];
        for (var i = 0; i < texts.Length; i++) texts[i] = context.Budget.Text(TextForm.Of(parts[i].Evaluate(context), context.Budget));
        return string.Concat(texts);
    }
}
