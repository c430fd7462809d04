using Cluster.Protos.V1;

namespace Cluster.Worker.Weights;

/// <summary>Who has a model's pieces. Calls block; from any thread.</summary>
internal interface IPieceSource
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <exception cref="IOException">It does not serve the model, or cannot be reached.</exception>
    ModelContent Describe(ModelKey model, CancellationToken cancellationToken);

    /// <exception cref="IOException">It does not have the piece, or cannot be reached.</exception>
    ReadOnlyMemory<byte> Read(ReadPieceRequest request, CancellationToken cancellationToken);
}
