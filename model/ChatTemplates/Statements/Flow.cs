namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>How rendering goes on after a statement.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
