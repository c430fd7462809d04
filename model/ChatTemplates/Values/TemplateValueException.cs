namespace Cluster.Model.ChatTemplates.Values;

/// <summary>An operation cannot be done on its values; who renders adds the place.</summary>
internal sealed class TemplateValueException(string message, bool isRefusal = false) : Exception(message)
{
    /// <summary>The template itself refused.</summary>
    public bool IsRefusal { get; } = isRefusal;
}
