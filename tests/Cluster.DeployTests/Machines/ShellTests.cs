using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

public sealed class ShellTests
{
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(DeployFiles.Folder, "*.sh").Select(Path.GetFileName).OfType<string>()];

    [ProgramTheory("shellcheck")]
    [MemberData(nameof(Scripts))]
    public async Task ShellcheckSaysNothing(string script) => (await ToolProcess.RunAsync("shellcheck", [DeployFiles.PathOf(script)])).Require();

    [ProgramTheory("bash")]
    [MemberData(nameof(Scripts))]
    public async Task ScriptsCanBeRunAndStopAtErrors(string script)
    {
        var text = await DeployFiles.ReadAsync(script);
        Assert.StartsWith("#!/usr/bin/env bash\n", text, StringComparison.Ordinal);
        Assert.Contains("set -euo pipefail\n", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.True((File.GetUnixFileMode(DeployFiles.PathOf(script)) & UnixFileMode.UserExecute) != 0);
    }
}
