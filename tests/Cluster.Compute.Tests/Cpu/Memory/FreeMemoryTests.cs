using Cluster.Compute.Cpu.Memory;

namespace Cluster.Compute.Tests.Cpu.Memory;

public sealed class FreeMemoryTests : IDisposable
{
    private const string Stat = "anon 5000\ninactive_file 300\ntotal_inactive_file 700\nactive_file 9\n";

    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public FreeMemoryTests() => Write("proc/meminfo", "MemTotal: 100 kB\nMemFree:   10 kB\nMemAvailable:   64 kB\nSwapFree: 9 kB\n");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_limits_it_is_what_the_kernel_has_available()
    {
        Assert.Equal(64 << 10, FreeMemory.LinuxBytes(_root));

        Write("proc/self/cgroup", "0::/user/session\n");
        Group("sys/fs/cgroup/user/session", "memory.max", "max", "memory.current", "5000");
        Assert.Equal(64 << 10, FreeMemory.LinuxBytes(_root));
    }

    [Theory]
    [InlineData("20000", 20_000 - (5000 - 300))]
    [InlineData("4000", 0)]
    [InlineData("900000", 64 << 10)]
    public void Version_2_group_leaves_its_limit_less_what_it_uses_without_file_caches(string limit, long free)
    {
        Write("proc/self/cgroup", "0::/user/session\n");
        Group("sys/fs/cgroup/user/session", "memory.max", limit, "memory.current", "5000");

        Assert.Equal(free, FreeMemory.LinuxBytes(_root));
    }

    [Fact]
    public void Tightest_of_a_group_and_its_parents_counts()
    {
        Write("proc/self/cgroup", "0::/user/session\n");
        Group("sys/fs/cgroup/user/session", "memory.max", "30000", "memory.current", "5000");
        Group("sys/fs/cgroup/user", "memory.max", "31000", "memory.current", "25300");

        Assert.Equal(6000, FreeMemory.LinuxBytes(_root));
    }

    [Theory]
    [InlineData("sys/fs/cgroup/memory/docker/abc")]
    [InlineData("sys/fs/cgroup/memory")] // the path is the host's, the mount is the container's
    public void Version_1_group_is_found(string directory)
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n");
        Group(directory, "memory.limit_in_bytes", "10000", "memory.usage_in_bytes", "6000");

        Assert.Equal(10_000 - (6000 - 700), FreeMemory.LinuxBytes(_root));
    }

    [Fact]
    public void Version_1_without_a_limit_has_one_that_is_never_reached()
    {
        Write("proc/self/cgroup", "4:memory:/\n");
        Group("sys/fs/cgroup/memory", "memory.limit_in_bytes", "9223372036854771712", "memory.usage_in_bytes", "6000");

        Assert.Equal(64 << 10, FreeMemory.LinuxBytes(_root));
    }

    [Fact]
    public void A_kernel_that_does_not_say_is_not_guessed_at()
    {
        File.Delete(Path.Combine(_root, "proc/meminfo"));

        Assert.Null(FreeMemory.LinuxBytes(_root));
        Assert.True(FreeMemory.Bytes() > 0);
    }

    private void Group(string directory, string limitFile, string limit, string usageFile, string usage)
    {
        Write($"{directory}/{limitFile}", limit + "\n");
        Write($"{directory}/{usageFile}", usage + "\n");
        Write($"{directory}/memory.stat", Stat);
    }

    private void Write(string path, string text)
    {
        path = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
