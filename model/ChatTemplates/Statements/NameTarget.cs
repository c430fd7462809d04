namespace Cluster.Model.ChatTemplates.Statements;

internal sealed class NameTarget(string name) : AssignmentTarget
{
    public override void Assign(RenderContext context, object? value) => context.Scope.Set(name, value);
}
