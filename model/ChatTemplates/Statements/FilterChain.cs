using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Library;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>Filters that a block's text goes through.</summary>
internal sealed class FilterChain(IReadOnlyList<(Operation Filter, ArgumentList Arguments)> links)
{
    public object? Apply(RenderContext context, object? value)
    {
        foreach (var (filter, arguments) in links) value = filter.Call(context, value, arguments.Evaluate(context));
        return value;
    }
}
