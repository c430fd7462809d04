namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>macro</c> … <c>endmacro</c>.</summary>
internal sealed class MacroStatement(MacroSignature signature, Block body) : Statement
{
    protected override Flow ExecuteCore(RenderContext context)
    {
        context.Scope.Set(signature.Name, new Macro(signature, body, context.Scope));
        return Flow.Next;
    }
}
