using Cluster.Coordinator.Membership;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Tests.Membership;

public sealed class MembershipRegistryTests
{
    private readonly MembershipRegistry _registry = new(TimeProvider.System);

    [Fact]
    public void Every_change_is_a_new_snapshot_and_old_ones_stay_as_they_were()
    {
        var empty = _registry.Current;
        var a = Join("a", 1001);
        var one = _registry.Current;
        Join("b", 1002);
        var two = _registry.Current;
        a.Dispose();

        Assert.Equal([0UL, 1, 2, 3], new[] { empty, one, two, _registry.Current }.Select(snapshot => snapshot.Version));
        Assert.Equal(["", "a", "a b", "b"], new[] { empty, one, two, _registry.Current }.Select(Names));
    }

    [Fact]
    public void A_worker_that_comes_back_at_its_address_replaces_its_old_self()
    {
        var old = Join("a", 1001, processId: 1);
        var again = Join("a", 1001, processId: 2);

        Assert.True(old.Notices.Completion.IsCompleted);
        Assert.False(_registry.Current.Includes(old.Member));
        Assert.True(_registry.Current.Includes(again.Member));

        // The end of the old stream comes later and must not take the new one out.
        old.Dispose();
        Assert.Equal("a", Names(_registry.Current));
    }

    [Fact]
    public void A_name_that_another_address_has_is_refused()
    {
        Join("a", 1001);

        var refused = _registry.Join(Describe("a", 1002));

        Assert.Null(refused.Lease);
        Assert.Equal(StatusCode.AlreadyExists, refused.Refusal.StatusCode);
        Assert.Contains("127.0.0.1:1001", refused.Refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "127.0.0.1:1", "no name")]
    [InlineData("a", "127.0.0.1", "HOST:PORT")]
    [InlineData("a", "127.0.0.1:0", "HOST:PORT")]
    [InlineData("a", "127.0.0.1:70000", "HOST:PORT")]
    [InlineData("a", "two words:80", "HOST:PORT")]
    [InlineData("a\nb", "127.0.0.1:1", "printable")]
    public void Nonsense_is_refused_in_one_line(string name, string address, string reason)
    {
        var description = Describe(name, 1);
        description.Address = address;

        var refused = _registry.Join(description);

        Assert.Equal(StatusCode.InvalidArgument, refused.Refusal.StatusCode);
        Assert.Contains(reason, refused.Refusal.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Refusal.Detail);
        Assert.Equal(0UL, _registry.Current.Version);
    }

    [Fact]
    public void A_drained_worker_stays_a_member_until_it_leaves()
    {
        var a = Join("a", 1001);

        Assert.True(_registry.Drain("a"));
        Assert.True(_registry.Drain("a"));
        Assert.False(_registry.Drain("b"));

        Assert.True(_registry.Current.Find("a")!.IsDraining);
        Assert.Equal(2UL, _registry.Current.Version);
        a.Dispose();
        Join("a", 1001);
        Assert.False(_registry.Current.Find("a")!.IsDraining);
    }

    [Fact]
    public void A_removed_worker_is_refused_until_it_is_restored()
    {
        var a = Join("a", 1001);
        Assert.True(_registry.Remove("a", now: false));
        Assert.True(_registry.Current.Find("a")!.IsDraining);
        a.Dispose();

        var refused = _registry.Join(Describe("a", 1002));

        Assert.Equal(StatusCode.PermissionDenied, refused.Refusal.StatusCode);
        Assert.Contains("cluster workers restore a", refused.Refusal.Detail, StringComparison.Ordinal);
        Assert.False(_registry.Remove("a", now: false));
        Assert.True(_registry.Restore("a"));
        Assert.False(_registry.Restore("a"));
        Join("a", 1002);
    }

    [Fact]
    public async Task A_worker_that_is_removed_at_once_is_told_to_end_and_is_no_member()
    {
        var a = Join("a", 1001);
        Join("b", 1002);

        Assert.True(_registry.Remove("a", now: true));

        Assert.Equal("b", Names(_registry.Current));
        Assert.True((await a.Notices.ReadAsync()).ShutDown);
        Assert.True(a.Notices.Completion.IsCompleted);
    }

    [Fact]
    public async Task Waiting_ends_with_the_snapshot_that_meets_the_condition()
    {
        var three = _registry.WhenAsync(snapshot => snapshot.Members.Length == 3, CancellationToken.None);
        Join("a", 1001);
        Join("b", 1002);
        Assert.False(three.IsCompleted);
        Join("c", 1003);

        Assert.Equal("a b c", Names(await three));
        Assert.Equal("a b c", Names(await _registry.WhenAsync(snapshot => snapshot.Members.Length > 1, CancellationToken.None)));
    }

    [Fact]
    public void Only_chosen_members_are_told_to_shut_down()
    {
        var a = Join("a", 1001);
        var b = Join("b", 1002);

        _registry.ShutDown(member => member.Name == "b");

        Assert.False(a.Notices.TryRead(out _));
        Assert.True(b.Notices.TryRead(out var notice) && notice.ShutDown);
    }

    private MemberLease Join(string name, int port, int processId = 1) => _registry.Join(Describe(name, port, processId)).Lease!;

    private static WorkerDescription Describe(string name, int port, int processId = 1) => new()
    {
        Name = name,
        Address = $"127.0.0.1:{port}",
        ProcessId = processId,
        Device = new Device { Id = "cpu" },
    };

    private static string Names(MembershipSnapshot snapshot) => string.Join(' ', snapshot.Members.Select(member => member.Name));
}
