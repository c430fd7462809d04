using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>if</c>, <c>elif</c> …, <c>else</c>.</summary>
internal sealed class IfStatement(IReadOnlyList<(Expression Condition, Block Body)> branches, Block otherwise) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        foreach (var (condition, body) in branches)
            if (Truth.Of(condition.Evaluate(context))) return body.Execute(context);
        return otherwise.Execute(context);
    }
}
