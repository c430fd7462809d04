using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>for … in … if …</c> with <c>else</c> for when nothing was gone through. What the body sets is gone after each item.</summary>
internal sealed class ForStatement(AssignmentTarget target, Expression items, Expression? filter, Block body, Block otherwise) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        IReadOnlyList<object?> all = [.. Items.Of(items.Evaluate(context))];
        context.Budget.Spend(all.Count);
        if (filter is not null) all = [.. all.Where(item => context.Within(Bind(context, item), inner => Truth.Of(filter.Evaluate(inner))))];
        if (all.Count == 0) return otherwise.ExecuteWithin(context, new Scope(context.Scope));

        var loop = new LoopState(all);
        for (; loop.Index < all.Count; loop.Index++)
        {
            context.Line = Line;
            var scope = Bind(context, all[loop.Index]);
            scope.Set("loop", loop);
            if (body.ExecuteWithin(context, scope) == Flow.Break) break;
        }

        return Flow.Next;
    }

    private Scope Bind(RenderContext context, object? item)
    {
        var scope = new Scope(context.Scope);
        return context.Within(scope, inner =>
        {
            target.Assign(inner, item);
            return scope;
        });
    }
}
