using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

public sealed class UnitTests
{
    public static TheoryData<string> Units => ["cluster-coordinator.service", "cluster-worker.service"];

    [ProgramTheory("systemd-analyze")]
    [MemberData(nameof(Units))]
    public async Task SystemdSaysNothing(string unit) => Assert.Equal("", await VerifyAsync(unit, static text => text));

    [ProgramTheory("systemd-analyze")]
    [MemberData(nameof(Units))]
    public async Task SystemdFindsATypo(string unit) =>
        Assert.Contains("NoNewPrivilege", await VerifyAsync(unit, static text => text.Replace("NoNewPrivileges=", "NoNewPrivilege=", StringComparison.Ordinal)), StringComparison.Ordinal);

    [ProgramTheory("systemd-analyze")]
    [MemberData(nameof(Units))]
    public async Task TheUnitIsHardened(string unit)
    {
        var security = await ToolProcess.RunAsync("systemd-analyze", ["security", "--offline=true", "--threshold=20", DeployFiles.PathOf("systemd", unit)]);
        Assert.True(security.ExitCode == 0, security.Output);
    }

    [Fact]
    public async Task TheUnitOfGpusIsOfTheSameService()
    {
        var drop = await DeployFiles.ReadAsync("systemd", "cluster-worker-gpu.conf");
        Assert.Contains("[Service]\nPrivateDevices=no\n", drop, StringComparison.Ordinal);
    }

    /// <summary>What systemd has to say of a unit whose programs are there.</summary>
    private static async Task<string> VerifyAsync(string unit, Func<string, string> change)
    {
        var folder = Directory.CreateTempSubdirectory("cluster-unit-").FullName;
        try
        {
            var text = change(await DeployFiles.ReadAsync("systemd", unit));
            var file = Path.Combine(folder, unit);
            await File.WriteAllTextAsync(file, text.Replace("/opt/cluster/worker/cluster-worker", "/bin/true", StringComparison.Ordinal)
                .Replace("/opt/cluster/cluster", "/bin/true", StringComparison.Ordinal));
            var result = await ToolProcess.RunAsync("systemd-analyze", ["verify", file]);
            return result.Output + result.Errors;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
