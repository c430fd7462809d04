namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Something that can be called: a function, a method of a value, a macro.</summary>
internal abstract class TemplateCallable
{
    /// <exception cref="TemplateValueException">The arguments do not fit, or the call fails.</exception>
    public abstract object? Call(RenderContext context, CallArguments arguments);
}
