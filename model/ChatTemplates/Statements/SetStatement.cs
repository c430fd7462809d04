using Cluster.Model.ChatTemplates.Expressions;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>set a = b</c>.</summary>
internal sealed class SetStatement(AssignmentTarget target, Expression value) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        target.Assign(context, value.Evaluate(context));
        return Flow.Next;
    }
}
