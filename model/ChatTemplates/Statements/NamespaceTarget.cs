using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>An attribute of a namespace: the only thing of an outer scope that can be set.</summary>
internal sealed class NamespaceTarget(string name, string attribute) : AssignmentTarget
{
    public override void Assign(RenderContext context, object? value)
    {
        if (!context.Scope.TryGet(name, out var space) || space is not TemplateNamespace found)
            throw new TemplateValueException($"'{name}' is no namespace, so '{name}.{attribute}' cannot be set");
        found.Attributes[attribute] = value;
    }
}
