using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;

namespace Cluster.Worker.Weights;

/// <summary>Models whose pieces were fetched, in a folder, each under the name of its content.</summary>
/// <param name="folder">The folder; nothing is written anywhere else.</param>
/// <param name="limitBytes">What the files may have together; those that were used longest ago go first.</param>
/// <param name="source">Who has the pieces.</param>
/// <param name="held">Where other workers look for what this one has.</param>
internal sealed class ModelCache(string folder, long limitBytes, IPieceSource source, HeldPieces held)
{
    private const string Extension = ".gguf";

    /// <summary>Opens a model of which only the header is here for certain: what else is looked at comes then.</summary>
    /// <exception cref="IOException">It cannot be had, or not be kept.</exception>
    /// <exception cref="GgufFormatException">It is malformed.</exception>
    public OpenedModel Open(ModelKey model, CancellationToken cancellationToken)
    {
        var content = source.Describe(model, cancellationToken);
        Check(model, content);
        var path = Path.Combine(folder, Convert.ToHexStringLower(PieceHashes.Name(content.PieceSha256.Span)) + Extension);
        Directory.CreateDirectory(folder);
        MakeRoom(path, (long)model.Length);

        var pieces = new FetchedPieces(path, model, content, source, held, cancellationToken);
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            pieces.Require(0, (long)content.HeaderBytes);
            return new OpenedModel(GgufFile.Open(path, pieces), pieces);
        }
        catch
        {
            pieces.Dispose();
            throw;
        }
    }

    private void Check(ModelKey model, ModelContent content)
    {
        if (content.PieceBytes != PieceHashes.PieceBytes || content.HeaderBytes > model.Length
            || content.PieceSha256.Length != PieceHashes.Count((long)model.Length) * 32)
            throw new IOException($"{source.Name} describes the model in a way that this version does not understand");
    }

    /// <summary>Counts files as large as they may become: holes are filled sooner or later.</summary>
    private void MakeRoom(string path, long bytes)
    {
        if (bytes > limitBytes) throw new IOException($"the model has {bytes} bytes, more than the cache in {folder} may keep ({limitBytes})");
        var others = new DirectoryInfo(folder).GetFiles($"*{Extension}").Where(file => file.FullName != Path.GetFullPath(path)).OrderBy(file => file.LastWriteTimeUtc).ToList();
        var excess = others.Sum(file => file.Length) + bytes - limitBytes;
        foreach (var file in others)
        {
            if (excess <= 0) return;
            excess -= file.Length;
            file.Delete();
        }
    }
}
