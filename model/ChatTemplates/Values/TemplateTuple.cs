namespace Cluster.Model.ChatTemplates.Values;

/// <summary>A list that does not change.</summary>
internal sealed record TemplateTuple(object?[] Items);
