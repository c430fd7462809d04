using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

public sealed class ShellTests
{
    public static TheoryData<string> Scripts =>
        ["tests/walk.sh", .. Directory.GetFiles(DeployFiles.Folder, "*.sh").Select(static f => "deploy/" + Path.GetFileName(f))];

    [ProgramTheory("shellcheck")]
    [MemberData(nameof(Scripts))]
    public async Task ShellcheckSaysNothing(string script) => (await ToolProcess.RunAsync("shellcheck", [PathOf(script)])).Require();

    [ProgramTheory("bash")]
    [MemberData(nameof(Scripts))]
    public async Task ScriptsCanBeRunAndStopAtErrors(string script)
    {
        var text = await File.ReadAllTextAsync(PathOf(script));
        Assert.StartsWith("#!/usr/bin/env bash\n", text, StringComparison.Ordinal);
        Assert.Contains("set -euo pipefail\n", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.True((File.GetUnixFileMode(PathOf(script)) & UnixFileMode.UserExecute) != 0);
    }

    private static string PathOf(string script) => Path.Combine(RepositoryFiles.Root, script);
}
