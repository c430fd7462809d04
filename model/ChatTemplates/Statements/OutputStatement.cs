using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>{{ … }}</c>.</summary>
internal sealed class OutputStatement(Expression expression) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        context.Write(TextForm.Of(expression.Evaluate(context), context.Budget));
        return Flow.Next;
    }
}
