using Cluster.Model.ChatTemplates.Expressions;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>A body with names of its own: <c>with a=b</c>, and <c>generation</c>, which only marks what an assistant wrote.</summary>
internal sealed class WithStatement(IReadOnlyList<(AssignmentTarget Target, Expression Value)> names, Block body) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        var values = names.Select(name => name.Value.Evaluate(context)).ToArray();
        return context.Within(new Scope(context.Scope), inner =>
        {
            for (var i = 0; i < values.Length; i++) names[i].Target.Assign(inner, values[i]);
            return body.Execute(inner);
        });
    }
}
