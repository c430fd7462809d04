using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

internal sealed class NotExpression(Expression operand) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => !Truth.Of(operand.Evaluate(context));
}
