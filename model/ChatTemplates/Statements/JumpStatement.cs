namespace Cluster.Model.ChatTemplates.Statements;

/// <summary><c>break</c>, <c>continue</c>.</summary>
internal sealed class JumpStatement(Flow flow) : Statement
{
    protected override Flow ExecuteCore(RenderContext context) => flow;
}
