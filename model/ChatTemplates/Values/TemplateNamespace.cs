namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What <c>namespace()</c> makes: attributes that can be set from within loops.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Attributes { get; } = [];
}
