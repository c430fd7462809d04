namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>What a value can be assigned to.</summary>
internal abstract class AssignmentTarget
{
    /// <exception cref="Values.TemplateValueException">The value does not fit.</exception>
    public abstract void Assign(RenderContext context, object? value);
}
