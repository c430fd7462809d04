namespace Cluster.Coordinator.Api;

/// <summary>Ends a request with an error for its client.</summary>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error { get; } = error;
}
