using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Something that clients can ask for.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Where, as ASP.NET writes routes.</param>
/// <param name="Summary">One line for the OpenAPI document.</param>
/// <param name="Handle">Answers.</param>
/// <param name="Body">What the request's body can hold; null without one.</param>
internal sealed record ApiRoute(string Method, string Path, string Summary, RequestDelegate Handle, IParameterTable? Body = null)
{
    public IReadOnlyList<QueryParameter> Query { get; init; } = [];

    /// <summary>Whether it may be asked for without a key.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether it changes the cluster: for keys with <c>admin=yes</c>, and where there are no keys for this machine only.</summary>
    public bool IsAdministration { get; init; }
}
