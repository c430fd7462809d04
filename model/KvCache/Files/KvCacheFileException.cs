namespace Cluster.Model.KvCache.Files;

/// <summary>
/// A saved cache that cannot be used or written. The message is one line that names the file and, where there is one, the place in it.
/// </summary>
public sealed class KvCacheFileException : Exception
{
    public KvCacheFileException(string file, string problem) : base($"{file}: {problem}")
    {
        File = file;
        Problem = problem;
    }

    /// <summary>Path of the file as it was opened.</summary>
    public string File { get; }

    /// <summary>The message without the file.</summary>
    public string Problem { get; }
}
