using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers;
using Cluster.Protos.Models;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Models;

/// <summary>A model file as the coordinator needs it: its shape, its tokenizer, and what workers find it by. Weights stay in the file.</summary>
internal sealed class ServedModel : IDisposable
{
    private ServedModel(GgufFile file)
    {
        File = file;
        Config = ModelConfigReader.Read(file);
        Tokenizer = TokenizerFactory.Create(file.Metadata);
        Reference = ModelReferences.Describe(file);
        Name = Path.GetFileNameWithoutExtension(file.Path);
    }

    public GgufFile File { get; }

    public ModelConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    public ModelReference Reference { get; }

    /// <summary>What clients call it: the file's name.</summary>
    public string Name { get; }

    /// <exception cref="GgufFormatException">The file is malformed, or not a model that can be served.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a directory or may not be read.</exception>
    public static ServedModel Open(string path)
    {
        var file = GgufFile.Open(path);
        try
        {
            return new ServedModel(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Dispose();
}
