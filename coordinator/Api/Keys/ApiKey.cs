using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Api.Keys;

/// <summary>Somebody who may use the API, and how much.</summary>
/// <param name="Name">Tells keys apart; in the file, in logs and in errors.</param>
/// <param name="Hash">What the key itself hashes to.</param>
internal sealed record ApiKey(string Name, KeyHash Hash)
{
    /// <summary>Requests a minute at most; null: no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Requests under way at most; null: no limit.</summary>
    public int? Concurrent { get; init; }

    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>Whether its owner may also change the cluster.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Whom the scheduler shares the cluster among.</summary>
    public Tenant Tenant => new(Name, Priority);

    /// <summary>Tokens of one text at most, prompt included; null: the model's context.</summary>
    public int? ContextLength { get; init; }
}
