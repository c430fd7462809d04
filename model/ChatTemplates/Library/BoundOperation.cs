using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>A function, or a method together with its value.</summary>
internal sealed class BoundOperation(Operation operation, object? subject) : TemplateCallable
{
    public override object? Call(RenderContext context, CallArguments arguments) => operation.Call(context, subject, arguments);
}
