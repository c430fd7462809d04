namespace Cluster.Coordinator.Api;

/// <summary>What a request's body can hold, for the OpenAPI document.</summary>
internal interface IParameterTable
{
    IEnumerable<(string Name, string Schema, string Description)> Parameters { get; }

    IReadOnlyList<string> Required { get; }
}
