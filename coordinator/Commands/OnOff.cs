namespace Cluster.Coordinator.Commands;

/// <summary>A switch that is written out, as it is on the command line.</summary>
internal static class OnOff
{
    public static IReadOnlyDictionary<string, bool> ByName { get; } = new Dictionary<string, bool> { ["on"] = true, ["off"] = false };
}
