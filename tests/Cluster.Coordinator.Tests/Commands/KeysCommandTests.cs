using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Commands;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Commands;

public sealed class KeysCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;

    private string KeyFile => Path.Combine(_folder, "keys");

    [Fact]
    public async Task A_key_is_printed_once_and_its_hash_kept()
    {
        File.WriteAllText(KeyFile, $"old {KeyHash.Of("sk-old")}"); // the last line is open

        var (exitCode, output, _) = await CommandFixture.RunAsync(
            "keys", "create", "ann", "--file", KeyFile, "--requests-per-minute", "60", "--concurrent", "2", "--priority", "high", "--context", "4096");

        Assert.Equal(ExitCodes.Success, exitCode);
        Assert.DoesNotContain(output.Trim(), File.ReadAllText(KeyFile), StringComparison.Ordinal);
        var keys = ApiKeyFormat.Read(KeyFile);
        Assert.Equal(["old", "ann"], keys.Select(key => key.Name));
        Assert.True(keys[1].Hash.IsSame(KeyHash.Of(output.Trim())));
        Assert.Equal((60, 2, Priority.High, 4096), (keys[1].RequestsPerMinute, keys[1].Concurrent, keys[1].Priority, keys[1].ContextLength));
    }

    [Fact]
    public async Task A_new_file_is_its_owners_alone()
    {
        var created = await CommandFixture.RunAsync("keys", "create", "ann", "--file", KeyFile);
        var again = await CommandFixture.RunAsync("keys", "create", "ann", "--file", KeyFile);

        Assert.Equal((ExitCodes.Success, ExitCodes.Failure), (created.ExitCode, again.ExitCode));
        Assert.Contains("there is a 'ann' already", again.Error, StringComparison.Ordinal);
        Assert.Equal("", again.Out);
        Assert.Single(ApiKeyFormat.Read(KeyFile));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public async Task Without_a_file_the_line_is_printed()
    {
        var (_, output, _) = await CommandFixture.RunAsync("keys", "create", "ann");

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"ann {KeyHash.Of(lines[0].Trim())}", lines[1].Trim());
    }

    [Fact]
    public async Task A_name_is_checked()
    {
        var (exitCode, _, error) = await CommandFixture.RunAsync("keys", "create", "a b");

        Assert.Equal(ExitCodes.Usage, exitCode);
        Assert.Contains("'a b' is no name for a key", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
