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
    ReceivedPiece Read(ReadPieceRequest request, CancellationToken cancellationToken);

    /// <summary>A peer sent something else than it was asked for: it is not asked again.</summary>
    void Distrust(string peer);

    /// <summary>The piece is here now, and others may have it of us. Returns at once.</summary>
    void Announce(ReadPieceRequest piece);
}
