using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class NameExpression(string name) : Expression
{
    public string Name => name;

    protected override object? EvaluateCore(RenderContext context) => context.Scope.TryGet(name, out var value) ? value : Undefined.Name(name);
}
