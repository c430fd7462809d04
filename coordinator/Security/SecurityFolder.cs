using Cluster.Coordinator.Resilience;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>
/// What the coordinator keeps of its cluster's security, for itself alone. The command line and a coordinator that runs may use it at the same
/// time: who changes something holds its lock.
/// </summary>
internal sealed class SecurityFolder(string path)
{
    public string Location => path;

    public string AuthorityPath => Path.Combine(path, "ca.pem");

    public string AuthorityKeyPath => Path.Combine(path, "ca.key");

    /// <summary>Of the authority that is to take the present one's place.</summary>
    public string NextAuthorityPath => Path.Combine(path, "ca-next.pem");

    public string NextAuthorityKeyPath => Path.Combine(path, "ca-next.key");

    public string TokensPath => Path.Combine(path, "join-tokens");

    public string RevocationsPath => Path.Combine(path, "revoked");

    public string AuditPath => Path.Combine(path, "joins.jsonl");

    /// <summary>What the lines of a file say but empty ones and those that begin with <c>#</c>; nothing where there is no file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parse">Reads a line; null for a wrong one.</param>
    /// <param name="what">What a line is, for the message.</param>
    /// <exception cref="ClusterException">A line is wrong. It is named, not repeated: it may be a secret.</exception>
    public static List<T> ReadLines<T>(string file, Func<string, T?> parse, string what)
        where T : class
    {
        var entries = new List<T>();
        if (!File.Exists(file)) return entries;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line.Length > 0 && line[0] != '#') entries.Add(parse(line) ?? throw new ClusterException($"{file}, line {number}: no {what}"));
        }

        return entries;
    }

    /// <summary>Does what no other process may do at the same time.</summary>
    /// <exception cref="ClusterException">Another holds the lock for long.</exception>
    public T Change<T>(Func<T> change)
    {
        SecretFile.CreateFolder(path);
        using var held = Lock();
        return change();
    }

    private FileStream Lock()
    {
        var options = SecretFile.Options(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        try
        {
            return CoordinatorPolicies.FolderLock.Execute(() => new FileStream(Path.Combine(path, "lock"), options));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new ClusterException($"{path}: another process holds its lock: {e.Message}");
        }
    }
}
