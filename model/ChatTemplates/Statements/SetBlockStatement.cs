namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>set a</c> … <c>endset</c>: the text in between is the value.</summary>
internal sealed class SetBlockStatement(AssignmentTarget target, FilterChain filters, Block body) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        var text = body.Capture(context, new Scope(context.Scope));
        target.Assign(context, filters.Apply(context, text));
        return Flow.Next;
    }
}
