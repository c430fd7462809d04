namespace Cluster.Coordinator.Models;

/// <summary>The small model that comes with the program.</summary>
internal static class SampleModel
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "samples", "storyteller-29m-q4_k_m.gguf");
}
