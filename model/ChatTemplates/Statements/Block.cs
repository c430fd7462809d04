namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>Statements one after the other.</summary>
internal sealed class Block(IReadOnlyList<Statement> statements)
{
    public static readonly Block Empty = new([]);

    public Flow Execute(RenderContext context)
    {
        foreach (var statement in statements)
            if (statement.Execute(context) is var flow && flow != Flow.Next) return flow;
        return Flow.Next;
    }

    /// <summary>With names of its own.</summary>
    public Flow ExecuteWithin(RenderContext context, Scope scope) => context.Within(scope, Execute);

    /// <summary>What it writes, as a text.</summary>
    public string Capture(RenderContext context, Scope scope) => context.Capture(inner => ExecuteWithin(inner, scope));
}
