namespace Cluster.Coordinator.Chat;

/// <summary>What somebody said.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">What.</param>
internal sealed record ChatTurn(string Role, string Content);
