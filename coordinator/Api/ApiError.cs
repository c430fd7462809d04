namespace Cluster.Coordinator.Api;

/// <summary>An error as OpenAI's API writes it.</summary>
/// <param name="StatusCode">Of the HTTP response.</param>
/// <param name="Message">One line for the client's developer.</param>
/// <param name="Parameter">The request's parameter that it is about, or null.</param>
/// <param name="Code">A word for programs, or null.</param>
internal sealed record ApiError(int StatusCode, string Message, string? Parameter = null, string? Code = null)
{
    /// <summary>The kind of error, as OpenAI names them.</summary>
    public string Type => StatusCode switch
    {
        429 => "requests",
        >= 500 => "server_error",
        404 => "not_found_error",
        _ => "invalid_request_error",
    };

    /// <summary>When the client may come again; null for errors that time does not mend.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ApiError Invalid(string? parameter, string message) => new(400, message, parameter);
}
