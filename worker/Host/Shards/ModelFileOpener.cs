using Cluster.Model.Gguf;
using Cluster.Protos.Models;

namespace Cluster.Worker.Shards;

/// <summary>Opens a plan's model file and makes sure that it is the coordinator's.</summary>
internal static class ModelFileOpener
{
    /// <param name="specification">What the coordinator says of the model.</param>
    /// <param name="ownPath">This worker's copy; null for the coordinator's path.</param>
    /// <exception cref="ShardLoadException">It is another model.</exception>
    /// <exception cref="GgufFormatException">It is malformed.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static GgufFile Open(ShardSpecification specification, string? ownPath)
    {
        var path = ownPath ?? specification.ModelPath;
        var file = GgufFile.Open(path);
        try
        {
            if (file.Length != specification.ModelLength)
                throw Different(path, $"it has {file.Length} bytes, the coordinator's has {specification.ModelLength}");
            if (!specification.HeaderSha256.Span.SequenceEqual(ModelReferences.HashHeader(file)))
                throw Different(path, "its header (metadata or tensor table) differs from the coordinator's");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ShardLoadException Different(string path, string difference) =>
        new(ShardLoadFailure.WrongModel, $"{path} is another model: {difference}");
}
