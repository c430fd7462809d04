namespace Cluster.Coordinator.Security;

/// <summary>Something that happened to a worker that wants to be in the cluster.</summary>
/// <param name="Kind"><c>enroll</c> (a first certificate), <c>renew</c> (the next) or <c>join</c>.</param>
internal sealed record JoinEvent(string Kind)
{
    /// <summary>As it calls itself, or its certificate does.</summary>
    public string? Worker { get; init; }

    public string? Address { get; init; }

    public string? TokenId { get; init; }

    /// <summary>Of the certificate that it got or showed, in hexadecimal.</summary>
    public string? Serial { get; init; }

    /// <summary>Which one signed the certificate that it got.</summary>
    public string? Authority { get; init; }

    /// <summary>Null when it was let in.</summary>
    public JoinRefusal? Refusal { get; init; }
}
