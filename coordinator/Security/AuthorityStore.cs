using System.Security.Cryptography;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The authorities in the coordinator's folder. Each call reads and writes them under the folder's lock.</summary>
internal sealed class AuthorityStore(SecurityFolder folder, TimeProvider time)
{
    private const UnixFileMode Exposed = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>When the old authority's last certificates of workers have ended, those included that a coordinator signed before it saw the next one.</summary>
    public static DateTimeOffset RetirementOf(ClusterAuthority next) => next.Created + ClusterSecurity.CertificateLife + TimeSpan.FromMinutes(1);

    /// <summary>What there is; the first time an authority is made.</summary>
    /// <exception cref="ClusterException">The files are not what they must be.</exception>
    public ClusterAuthorities Open() => Change(() => File.Exists(folder.AuthorityKeyPath) ? Load() : new ClusterAuthorities(Make(folder.AuthorityPath, folder.AuthorityKeyPath)));

    /// <summary>What there is.</summary>
    /// <exception cref="ClusterException">There is none, or the files are not what they must be.</exception>
    public ClusterAuthorities Read() => Change(Load);

    /// <summary>Makes the authority that is to take the present one's place. Until that is retired, both count.</summary>
    /// <exception cref="ClusterException">One is there already, or the files are not what they must be.</exception>
    public ClusterAuthorities Rotate() => Change(() =>
    {
        var authorities = Load();
        if (authorities.Next is not null) throw new ClusterException("the authority is being replaced already; 'cluster ca retire' ends that");
        return authorities with { Next = Make(folder.NextAuthorityPath, folder.NextAuthorityKeyPath) };
    });

    /// <summary>Puts the next authority in the place of the present one, which counts no more.</summary>
    /// <param name="now">Even if there may be workers with certificates of the old one.</param>
    /// <exception cref="ClusterException">There is no next one, it is too early, or the files are not what they must be.</exception>
    public ClusterAuthorities Retire(bool now) => Change(() =>
    {
        if (Load() is not { Next: { } next }) throw new ClusterException("there is no authority to take the present one's place; 'cluster ca rotate' makes it");
        var earliest = RetirementOf(next);
        if (!now && time.GetUtcNow() < earliest)
            throw new ClusterException($"workers may have certificates of the old authority until {JoinTokenFormat.Time(earliest)}; with --now those that have need a join token");

        // The key last: Load ends what a crash in between leaves.
        File.Move(folder.NextAuthorityPath, folder.AuthorityPath, overwrite: true);
        File.Move(folder.NextAuthorityKeyPath, folder.AuthorityKeyPath, overwrite: true);
        return new ClusterAuthorities(next);
    });

    private ClusterAuthorities Change(Func<ClusterAuthorities> change) => folder.Change(() =>
    {
        try
        {
            return change();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterException($"{folder.AuthorityPath} and {folder.AuthorityKeyPath} are no authority with its key: {e.Message}");
        }
    });

    private ClusterAuthorities Load()
    {
        if (File.Exists(folder.NextAuthorityKeyPath) && !File.Exists(folder.NextAuthorityPath)) File.Move(folder.NextAuthorityKeyPath, folder.AuthorityKeyPath, overwrite: true);
        if (!File.Exists(folder.AuthorityKeyPath)) throw new ClusterException($"there is no authority in {folder.Location} yet; 'cluster join-token create' and a first start over TLS make it");
        return new ClusterAuthorities(
            Load(folder.AuthorityPath, folder.AuthorityKeyPath),
            File.Exists(folder.NextAuthorityKeyPath) ? Load(folder.NextAuthorityPath, folder.NextAuthorityKeyPath) : null);
    }

    private static ClusterAuthority Load(string path, string keyPath)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyPath) & Exposed) != 0)
            throw new ClusterException($"{keyPath}: others than its owner may read or write it; 'chmod 600' it, and make a new authority if they did");
        return ClusterAuthority.FromPem(File.ReadAllText(path), File.ReadAllText(keyPath));
    }

    private ClusterAuthority Make(string path, string keyPath)
    {
        var authority = ClusterAuthority.Create(time.GetUtcNow());

        // The key last: without it there is no authority, and another is made.
        SecretFile.Write(path, authority.ExportCertificatePem());
        SecretFile.Write(keyPath, authority.ExportKeyPem());
        return authority;
    }
}
