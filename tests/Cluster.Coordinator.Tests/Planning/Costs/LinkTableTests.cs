using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Planning.Costs;

public sealed class LinkTableTests
{
    private static readonly Link s_far = new(5e-3, 1e6), s_slow = new(1e-3, 50e6), s_thin = new(50e-6, 10e6);

    private readonly LinkTable _links = new(Link.Gigabit);

    [Fact]
    public void What_is_said_of_a_pair_comes_before_its_groups_and_its_ends()
    {
        var (a, b, c) = (Member("a-1"), Member("b-1"), Member("b-2"));
        _links.SetGroup("a-1", "a");
        _links.SetGroup("b-1", "b");
        _links.SetGroup("b-2", "b");
        _links.SetEnd("b", s_slow);
        Assert.Equal(new Link(s_slow.LatencySeconds, s_slow.BytesPerSecond), _links.Between(a, b));

        _links.SetPair("b", "a", s_far);
        _links.SetPair("a-1", "b-2", s_thin);
        Assert.Equal((s_far, s_far, s_thin, s_slow), (_links.Between(a, b), _links.Between(b, a), _links.Between(c, a), _links.Between(b, c)));
    }

    [Fact]
    public void Workers_of_one_machine_talk_over_loopback()
    {
        var (a, b) = (Member("a") with { Address = "host:1" }, Member("b") with { Address = "host:2" });
        Assert.Equal((Link.Loopback, Link.Gigabit), (_links.Between(a, b), _links.Between(a, Member("c"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_group_is_as_bad_as_its_worst_pair_in_everything(bool hasPairs)
    {
        _links.SetEnd("c", s_slow);
        _links.SetEnd("d", s_thin);
        if (hasPairs) _links.SetPair("x", "y", s_far);
        Assert.Equal(new Link(1e-3, 10e6), _links.Worst([Member("a"), Member("b"), Member("c"), Member("d")]));
        Assert.Null(_links.Worst([Member("c")]));
    }

    private static Member Member(string name) => TestMembers.Create(name, 10);
}
