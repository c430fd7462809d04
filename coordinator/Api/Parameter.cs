namespace Cluster.Coordinator.Api;

/// <summary>What a request's body can say under one name. Requests are read by it, and the OpenAPI document tells of it.</summary>
/// <typeparam name="T">The request.</typeparam>
/// <param name="Name">As clients write it.</param>
/// <param name="Schema">JSON schema of the value.</param>
/// <param name="Description">One line for the OpenAPI document.</param>
/// <param name="Apply">Checks the value and gives the request with it.</param>
internal sealed record Parameter<T>(string Name, string Schema, string Description, Func<T, JsonParameter, T> Apply);
