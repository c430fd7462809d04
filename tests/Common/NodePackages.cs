using System.Security.Cryptography;

namespace Cluster.Testing;

/// <summary>Installs what package-lock.json in a test project's folder Interop lists, once for each version of that file.</summary>
public sealed class NodePackages : IAsyncLifetime
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Interop");

    public async Task InitializeAsync()
    {
        var hash = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"))));
        var stamp = Path.Combine(Folder, "node_modules", ".installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == hash)
            return;

        using var npm = NodeProcess.Start("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
        await npm.WaitAsync();
        await File.WriteAllTextAsync(stamp, hash);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
