using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Cluster.Worker.Weights;
using Google.Protobuf;

namespace Cluster.Worker.Shards;

/// <summary>
/// Opens a plan's model file and makes sure that it is the coordinator's: this worker's own copy, the file at the coordinator's path, or
/// where there is none, what the coordinator sends.
/// </summary>
/// <param name="ownPath">This worker's copy; null for none.</param>
/// <param name="cache">Where what the coordinator sends is kept; null to take nothing from it.</param>
/// <param name="alwaysFetches">Whether the coordinator is asked even where its path exists.</param>
internal sealed class ModelFileOpener(string? ownPath, ModelCache? cache, bool alwaysFetches = false)
{
    /// <exception cref="ShardLoadException">It is another model.</exception>
    /// <exception cref="GgufFormatException">It is malformed.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public OpenedModel Open(ShardSpecification specification, CancellationToken cancellationToken)
    {
        var path = PathOf(specification);
        var isFetched = cache is not null && ownPath is null && (alwaysFetches || !File.Exists(path));
        var opened = isFetched ? cache!.Open(KeyOf(specification), cancellationToken) : new OpenedModel(GgufFile.Open(path));
        var file = opened.File;
        try
        {
            if (file.Length != specification.ModelLength)
                throw Different(path, $"it has {file.Length} bytes, the coordinator's has {specification.ModelLength}");
            if (!specification.HeaderSha256.Span.SequenceEqual(ModelReferences.HashHeader(file)))
                throw Different(path, "its header (metadata or tensor table) differs from the coordinator's");
            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file that a message names.</summary>
    public string PathOf(ShardSpecification specification) => ownPath ?? specification.ModelPath;

    private static ModelKey KeyOf(ShardSpecification specification) =>
        new() { Length = (ulong)specification.ModelLength, HeaderSha256 = ByteString.CopyFrom(specification.HeaderSha256.Span) };

    private static ShardLoadException Different(string path, string difference) =>
        new(ShardLoadFailure.WrongModel, $"{path} is another model: {difference}");
}
