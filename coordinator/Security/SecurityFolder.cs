using System.Security.Cryptography;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>
/// What the coordinator keeps of its cluster's security, for itself alone. The command line and a coordinator that runs may use it at the same
/// time: who changes something holds its lock.
/// </summary>
internal sealed class SecurityFolder(string path)
{
    private const UnixFileMode Exposed = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public string AuthorityPath => Path.Combine(path, "ca.pem");

    public string AuthorityKeyPath => Path.Combine(path, "ca.key");

    public string TokensPath => Path.Combine(path, "join-tokens");

    public string RevocationsPath => Path.Combine(path, "revoked");

    public string AuditPath => Path.Combine(path, "joins.jsonl");

    /// <summary>The authority; the first time it is made.</summary>
    /// <exception cref="ClusterException">Its files are not what they must be.</exception>
    public ClusterAuthority OpenAuthority(DateTimeOffset now) => Change(() =>
    {
        try
        {
            if (File.Exists(AuthorityKeyPath)) return Load();

            var authority = ClusterAuthority.Create(now);

            // The key last: without it there is no authority, and another is made.
            SecretFile.Write(AuthorityPath, authority.ExportCertificatePem());
            SecretFile.Write(AuthorityKeyPath, authority.ExportKeyPem());
            return authority;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterException($"{AuthorityPath} and {AuthorityKeyPath} are no authority with its key: {e.Message}");
        }
    });

    /// <summary>Does what no other process may do at the same time.</summary>
    /// <exception cref="ClusterException">Another holds the lock for long.</exception>
    public T Change<T>(Func<T> change)
    {
        SecretFile.CreateFolder(path);
        using var held = Lock();
        return change();
    }

    private ClusterAuthority Load()
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(AuthorityKeyPath) & Exposed) != 0)
            throw new ClusterException($"{AuthorityKeyPath}: others than its owner may read or write it; 'chmod 600' it, and make a new authority if they did");
        return ClusterAuthority.FromPem(File.ReadAllText(AuthorityPath), File.ReadAllText(AuthorityKeyPath));
    }

    private FileStream Lock()
    {
        var options = SecretFile.Options(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(path, "lock"), options);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
            {
                if (TimeProvider.System.GetElapsedTime(began) > s_patience) throw new ClusterException($"{path}: another process holds its lock: {e.Message}");
                Thread.Sleep(20);
            }
        }
    }
}
