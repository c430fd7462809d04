using Cluster.Protos.Security;

namespace Cluster.Protos.Tests.Security;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FilesAndFoldersAreForTheirOwnerAlone()
    {
        var path = Path.Combine(_folder, "inner", "secret");
        SecretFile.Write(path, "first, and longer");
        SecretFile.Write(path, "second");
        SecretFile.Append(path, "third");

        Assert.Equal("secondthird\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }
}
