using Cluster.Coordinator.Models;
using Cluster.Model.Folders;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>A model of random weights that is made once and kept in the user's cache folder, by shape, type and seed.</summary>
internal sealed class SyntheticModel
{
    private const int Seed = 0;

    /// <summary>Room for any depth: what a published model was trained for says nothing of speed.</summary>
    private const int SmallestContext = 1 << 17;

    private readonly SynthShape _shape;
    private readonly WeightMix _weights;

    /// <param name="shape">The shape.</param>
    /// <param name="weights">Formats of its matrices.</param>
    /// <param name="context">Tokens that its context has at least.</param>
    public SyntheticModel(SynthShape shape, WeightMix weights, int context)
    {
        _shape = shape with { ContextLength = Math.Max(shape.ContextLength, Math.Max(context, SmallestContext)) };
        _weights = weights;
        var name = string.Concat(shape.Name.ToLowerInvariant().Where(letter => letter != ' '));
        Path = System.IO.Path.Combine(CacheFolder.Of("synthetic"), $"seed-{Seed}-context-{_shape.ContextLength}", $"{name}-{weights.Name}.gguf");
    }

    public string Path { get; }

    /// <summary>Why there is no such model; null when there is.</summary>
    public string? Problem => _shape.Problem(_weights);

    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(Action<SynthProgress> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        SynthModelWriter.Write(_shape, _weights, Path, Seed, new SynchronousProgress<SynthProgress>(progress), cancellationToken);
    }
}
