namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class ConstantExpression(object? value) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => value;
}
