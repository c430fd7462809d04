using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

/// <summary>deploy/install.sh below a folder of its own, with the programs as they are built.</summary>
public sealed class InstallScriptTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cluster-root-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [ProgramFact("bash")]
    public async Task InstallingTwiceChangesNothing()
    {
        var first = (await InstallAsync("coordinator", "--", "--workers", "3")).Require();
        Assert.Contains("sk-", first, StringComparison.Ordinal);
        var before = Tree();
        var second = (await InstallAsync("coordinator")).Require();
        Assert.DoesNotContain("sk-", second, StringComparison.Ordinal);
        Assert.Equal(before, Tree());
    }

    [ProgramFact("bash")]
    public async Task TheProgramsKnowWhatIsWritten()
    {
        (await InstallAsync("coordinator", "--", "--workers", "3", "--listen", "10.0.0.1:80")).Require();
        (await InstallAsync("worker", "--coordinator", "10.0.0.1:7070", "--", "--threads", "4")).Require();
        var coordinator = await ArgumentsAsync("coordinator");
        var worker = await ArgumentsAsync("worker");
        Assert.Empty(await Programs.UnknownAsync(coordinator, Programs.Cluster, "serve"));
        Assert.Empty(await Programs.UnknownAsync(worker, Programs.Worker));
        Assert.Single(coordinator, "--listen");
        Assert.Equal(["--coordinator", "10.0.0.1:7070"], worker.SkipWhile(static w => w != "--coordinator").Take(2));
    }

    [ProgramFact("bash")]
    public async Task ATokenIsCopiedForTheServiceAlone()
    {
        var file = Path.Combine(_root, "given");
        await File.WriteAllTextAsync(file, "a.b.c");
        (await InstallAsync("worker", "--coordinator", "a:7070", "--join-token-file", file)).Require();

        var kept = Path.Combine(_root, "etc/cluster/join-token");
        Assert.Equal("a.b.c", await File.ReadAllTextAsync(kept));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(kept));
        Assert.Equal(["--join-token-file", "/etc/cluster/join-token"], (await ArgumentsAsync("worker")).SkipWhile(static w => w != "--join-token-file").Take(2));
    }

    [ProgramFact("bash")]
    public async Task SettingsStayWhenNewOnesAreNotGiven()
    {
        (await InstallAsync("worker", "--coordinator", "a:7070", "--", "--threads", "4")).Require();
        (await InstallAsync("worker")).Require();
        Assert.Contains("--threads", await ArgumentsAsync("worker"));
        (await InstallAsync("worker", "--coordinator", "b:7070")).Require();
        Assert.DoesNotContain("--threads", await ArgumentsAsync("worker"));
    }

    [ProgramFact("bash")]
    public async Task UninstallingLeavesSettingsAndModels()
    {
        (await InstallAsync("worker", "--coordinator", "a:7070", "--gpu")).Require();
        Assert.Contains(Tree(), static file => file.EndsWith("cluster-worker.service.d/gpu.conf", StringComparison.Ordinal));
        (await RunAsync("uninstall", "--root", _root)).Require();
        Assert.Equal([Path.Combine(_root, "etc/cluster/worker.env")], Tree());
        Assert.True(Directory.Exists(Path.Combine(_root, "var/lib/cluster/models")));
    }

    [ProgramTheory("bash")]
    [InlineData("worker", "--coordinator is missing")]
    [InlineData("worker --coordinator a:7070", "--from is missing")]
    [InlineData("coordinator --from /nowhere", "/nowhere has no 'cluster'")]
    [InlineData("coordinator --form x", "unknown option '--form'")]
    public async Task WhatIsMissingIsSaidInOneLine(string arguments, string message)
    {
        var result = await RunAsync([.. arguments.Split(' '), "--root", _root]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(Tree());
    }

    private Task<ToolResult> InstallAsync(string role, params string[] arguments) =>
        RunAsync([role, "--from", Path.GetDirectoryName(Programs.Cluster)!, "--root", _root, .. arguments]);

    private static Task<ToolResult> RunAsync(params string[] arguments) => ToolProcess.RunAsync("bash", [DeployFiles.PathOf("install.sh"), .. arguments]);

    private async Task<string[]> ArgumentsAsync(string role) =>
        (await File.ReadAllTextAsync(Path.Combine(_root, "etc", "cluster", $"{role}.env"))).Trim()["CLUSTER_ARGS=".Length..].Split(' ');

    private string[] Tree() => [.. Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
