namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>A part of a template that writes text or sets names.</summary>
internal abstract class Statement
{
    /// <summary>In the template, from 1.</summary>
    public required int Line { get; init; }

    public Flow Execute(RenderContext context)
    {
        context.Budget.Step();
        context.Line = Line;
        return ExecuteCore(context);
    }

    protected abstract Flow ExecuteCore(RenderContext context);
}
