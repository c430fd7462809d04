using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>filter f</c> … <c>endfilter</c>.</summary>
internal sealed class FilterBlockStatement(FilterChain filters, Block body) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        var text = body.Capture(context, new Scope(context.Scope));
        context.Write(TextForm.Of(filters.Apply(context, text), context.Budget));
        return Flow.Next;
    }
}
