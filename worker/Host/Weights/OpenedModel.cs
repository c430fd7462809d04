using Cluster.Model.Gguf;

namespace Cluster.Worker.Weights;

/// <summary>A model's file.</summary>
/// <param name="File">It, and with it its pieces, are whoever's opened it.</param>
/// <param name="Pieces">What brings its pieces; null of a file that is all there.</param>
internal readonly record struct OpenedModel(GgufFile File, FetchedPieces? Pieces = null);
