namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What filters like <c>select</c> give: items to go through, without a length, true even when there are none.</summary>
internal sealed record TemplateGenerator(IReadOnlyList<object?> Items);
