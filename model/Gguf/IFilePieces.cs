namespace Cluster.Model.Gguf;

/// <summary>A file whose content is still on its way to this machine. Whoever opens the file with it owns it.</summary>
public interface IFilePieces : IDisposable
{
    /// <summary>Returns when bytes [<paramref name="offset"/>, <paramref name="offset"/> + <paramref name="count"/>) are there. From any thread.</summary>
    /// <exception cref="IOException">They cannot be had.</exception>
    void Require(long offset, long count);
}
