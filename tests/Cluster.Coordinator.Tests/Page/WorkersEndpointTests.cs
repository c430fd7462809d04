using System.Net;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Tests.Api;
using Cluster.Coordinator.Tests.Commands;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Page;

public sealed class WorkersEndpointTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly MembershipRegistry _registry = new(TimeProvider.System);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Workers_are_listed_with_their_states()
    {
        await using var api = await StartAsync();
        Join("first", 1);
        Join("second", 2);

        Assert.Equal((0, "worker 'second' is drained\n", ""), await RunAsync(api, "drain", "second"));
        Assert.Equal((0, "worker 'ghost' is not in the cluster, and is refused if it comes\n", ""), await RunAsync(api, "remove", "ghost"));

        var (exitCode, table, _) = await RunAsync(api, "list");
        Assert.Equal(0, exitCode);
        Assert.Equal(
            [["NAME", "STATE"], ["first", "spare"], ["second", "draining"], ["ghost", "removed"]],
            table.TrimEnd().Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]));
        Assert.Contains("3.0 GiB", table, StringComparison.Ordinal);

        Assert.Equal((0, "worker 'ghost' may join again\n", ""), await RunAsync(api, "restore", "ghost"));
        var (_, json, _) = await RunAsync(api, "list", "--json");
        Assert.Contains("\"address\":\"127.0.0.1:1\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("ghost", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_one_line()
    {
        await using var api = await StartAsync();

        Assert.Equal((1, "", "cluster: 404: There is no worker 'x/y' in the cluster.\n"), await RunAsync(api, "drain", "x/y"));
        Assert.Equal((1, "", "cluster: 404: The worker 'x' was not removed.\n"), await RunAsync(api, "restore", "x"));
    }

    [Fact]
    public async Task Only_an_administrators_key_changes_the_cluster()
    {
        var (user, admin) = (KeyHash.CreateKey(), KeyHash.CreateKey());
        File.WriteAllLines(_path, [ApiKeyFormat.Write(new ApiKey("user", KeyHash.Of(user))), ApiKeyFormat.Write(new ApiKey("admin", KeyHash.Of(admin)) { IsAdmin = true })]);
        await using var api = await StartAsync(_path);
        Join("first", 1);

        foreach (var (key, expected) in new[] { (null, HttpStatusCode.Unauthorized), (user, HttpStatusCode.Forbidden), (admin, HttpStatusCode.OK) })
        {
            foreach (var verb in (string[])["drain", "remove", "restore"])
                Assert.Equal(expected, (await api.FetchAsync(HttpMethod.Post, $"/cluster/workers/first/{verb}", key: key)).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, "/cluster/workers", key: user)).Status);
    }

    private static Task<(int ExitCode, string Out, string Error)> RunAsync(ApiFixture api, params string[] arguments) =>
        CommandFixture.RunAsync(["workers", .. arguments, "--url", api.Root.ToString()]);

    private async Task<ApiFixture> StartAsync(string? keyFile = null)
    {
        var api = await ApiFixture.StartAsync(options: ApiFixture.Loopback with { KeyFile = keyFile });
        _ = api.View.Follow(_registry);
        return api;
    }

    private void Join(string name, int port) => _registry.Join(new WorkerDescription
    {
        Name = name,
        Address = $"127.0.0.1:{port}",
        Version = "1",
        Device = new Device { Id = "cpu", Name = "a processor", Kernels = "avx2", Threads = 1, MemoryBytes = 3UL << 30 },
    });
}
