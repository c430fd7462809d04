namespace Cluster.Coordinator.Security;

/// <summary>A worker that was revoked.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="At">When: certificates that were issued up to then stay revoked.</param>
/// <param name="IsLifted">It may have new ones.</param>
internal sealed record RevocationEntry(string Worker, DateTimeOffset At, bool IsLifted);
