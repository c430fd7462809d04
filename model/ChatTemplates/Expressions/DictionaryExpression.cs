using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class DictionaryExpression(IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression
{
    protected override object? EvaluateCore(RenderContext context)
    {
        var dictionary = new TemplateDictionary();
        foreach (var (key, value) in entries) dictionary[key.Evaluate(context)] = value.Evaluate(context);
        return dictionary;
    }
}
