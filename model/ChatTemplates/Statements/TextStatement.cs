namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>Text as it stands.</summary>
internal sealed class TextStatement(string text) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        context.Write(text);
        return Flow.Next;
    }
}
