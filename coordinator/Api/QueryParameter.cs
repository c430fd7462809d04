namespace Cluster.Coordinator.Api;

/// <summary>What may stand behind the <c>?</c> of a path, for the OpenAPI document.</summary>
/// <param name="Schema">A JSON schema.</param>
internal sealed record QueryParameter(string Name, string Schema, string Description, bool IsRequired = false);
