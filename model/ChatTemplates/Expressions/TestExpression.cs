using Cluster.Model.ChatTemplates.Library;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary><c>a is test(b)</c>.</summary>
internal sealed class TestExpression(Expression subject, Operation test, ArgumentList arguments) : Expression
{
    protected override object? EvaluateCore(RenderContext context) => test.Call(context, subject.Evaluate(context), arguments.Evaluate(context));
}
