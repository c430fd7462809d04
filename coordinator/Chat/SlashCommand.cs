namespace Cluster.Coordinator.Chat;

/// <summary>What a line that begins with a slash can ask for.</summary>
/// <param name="Name">With its slash.</param>
/// <param name="Argument">What comes after it; empty for nothing.</param>
/// <param name="Description">One line of help.</param>
/// <param name="Run">Does it.</param>
internal sealed record SlashCommand(string Name, string Argument, string Description, Func<string, CancellationToken, Task> Run);
