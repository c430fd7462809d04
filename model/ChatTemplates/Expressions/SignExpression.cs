using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary>A leading minus or plus.</summary>
internal sealed class SignExpression(Expression operand, bool isMinus) : Expression
{
    protected override object? EvaluateCore(RenderContext context) =>
        isMinus ? Arithmetic.Negate(operand.Evaluate(context)) : Arithmetic.Negate(Arithmetic.Negate(operand.Evaluate(context)));
}
