namespace Cluster.Coordinator.Slots;

/// <summary>A text that was continued of late, as it was at one moment.</summary>
/// <param name="Id">Its place in the table.</param>
/// <param name="Tokens">Prompt and, once it has ended, what was generated.</param>
/// <param name="IsProcessing">Whether it is still being continued.</param>
/// <param name="LastUse">Rises with every use of any slot.</param>
internal sealed record Slot(int Id, ReadOnlyMemory<int> Tokens, bool IsProcessing, long LastUse);
