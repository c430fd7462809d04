using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Search;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Planning.Search;

/// <summary>The sample model on workers so slow, or so fast, that what matters is plain to see.</summary>
public sealed class SplitSearchTests
{
    private static readonly Link s_fast = new(5e-6, 10e9);

    [Fact]
    public void Slow_workers_over_a_fast_link_share_every_layer()
    {
        var choice = Choose(s_fast, Slow("a"), Slow("b"), Slow("c"), Slow("d"));
        Assert.Equal((4, 1), choice.Chosen.Size);
        Assert.False(choice.Chosen.IsUneven);
        Assert.Empty(choice.Spares);
        Assert.Contains(choice.Rejected, rejected => rejected.Candidate.Size == (1, 1) && rejected.Reason.Contains("computing takes", StringComparison.Ordinal));
    }

    [Fact]
    public void A_slow_link_is_worth_no_second_worker()
    {
        var choice = Choose(new Link(20e-3, 1e6), Slow("a"), Slow("b"));
        Assert.Equal((1, 1), choice.Chosen.Size);
        Assert.Contains(choice.Rejected, rejected => rejected.Candidate.Size == (2, 1) && rejected.Reason.Contains("activations travel", StringComparison.Ordinal));
        Assert.Equal("b", Assert.Single(choice.Spares).Worker.Name);
    }

    [Fact]
    public void Over_a_slow_link_what_fits_on_no_worker_becomes_stages()
    {
        const ulong Memory = 240UL << 20; // the process, its scratch and the margin leave too little for all weights
        var choice = Choose(new Link(20e-3, 1e6), Slow("a", Memory), Slow("b", Memory));
        Assert.Equal((1, 2), choice.Chosen.Size);
        Assert.Contains(choice.Rejected, rejected => rejected.Candidate.Size == (1, 1) && rejected.Reason.Contains("is too small", StringComparison.Ordinal));
    }

    [Fact]
    public void Unlike_workers_get_unlike_shares()
    {
        var choice = Choose(s_fast, TestMembers.Create("a", 0.3), TestMembers.Create("b", 0.1));
        Assert.Equal((2, 1), choice.Chosen.Size);
        Assert.True(choice.Chosen.IsUneven);
        Assert.Equal([3, 1], choice.Chosen.Shards.Shards.Select(shard => shard.KvHeads.Count));
        Assert.Contains(choice.Rejected, rejected => rejected.Candidate.Size == (2, 1) && rejected.Reason.Contains("wait", StringComparison.Ordinal));
    }

    [Fact]
    public void A_worker_that_makes_steps_slower_is_left_out()
    {
        var choice = Choose(s_fast, TestMembers.Create("a", 2), TestMembers.Create("b", 2), TestMembers.Create("snail", 0.001));
        Assert.Equal((2, 1), choice.Chosen.Size);
        var spare = Assert.Single(choice.Spares);
        Assert.Equal("snail", spare.Worker.Name);
        Assert.Contains("with it a step takes", spare.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_site_s_workers_stay_together()
    {
        var links = new LinkTable(s_fast);
        foreach (var name in (string[])["a1", "a2"]) links.SetGroup(name, "a");
        foreach (var name in (string[])["b1", "b2"]) links.SetGroup(name, "b");
        links.SetPair("a", "b", new Link(20e-3, 1e6));

        // One of each site is the fastest: by speed alone they would be neighbours.
        var choice = Choose(links, TestMembers.Create("a1", 1.3), TestMembers.Create("a2", 1), TestMembers.Create("b1", 1.3), TestMembers.Create("b2", 1));
        Assert.Equal((2, 1), choice.Chosen.Size);
        Assert.Equal(["a1", "a2"], choice.Chosen.Workers.Select(worker => worker.Name).Order());
    }

    [Fact]
    public void The_choice_does_not_depend_on_the_order_of_workers()
    {
        Member[] members = [.. Enumerable.Range(0, 12).Select(i => TestMembers.Create($"w{i}", 1 + i % 3))];
        var names = Choose(s_fast, members).Chosen;
        for (var seed = 1; seed <= 3; seed++)
        {
            new Random(seed).Shuffle(members);
            var shuffled = Choose(s_fast, members).Chosen;
            Assert.Equal(names.Workers.Select(worker => worker.Name), shuffled.Workers.Select(worker => worker.Name));
            Assert.Equal(names.Shares.AsEnumerable(), shuffled.Shares);
        }
    }

    [Fact]
    public void A_thousand_workers_are_planned_for()
    {
        var choice = Choose(s_fast, [.. Enumerable.Range(0, 1000).Select(i => TestMembers.Create($"w{i}", 0.5 + i % 7))]);
        Assert.Equal(1000, choice.Chosen.Workers.Length + choice.Spares.Length);
        Assert.All(choice.Chosen.Workers, worker => Assert.Equal(6.5e9, worker.Device.ReadBytesPerSecond));
    }

    [Fact]
    public void Plans_follow_the_choice_where_workers_have_measured_and_what_was_asked_for_where_not()
    {
        var options = new PlanOptions { TensorParallel = 2, Pipeline = 1, ChoosesSplit = true, Links = new LinkTable(new Link(20e-3, 1e6)) };
        var measured = ClusterPlanner.Plan(new MembershipSnapshot(1, [Slow("a"), Slow("b")]), SampleFacts.Instance, options, 1).Plan!;
        var unknown = ClusterPlanner.Plan(ImaginedMembers.Create(2, 0), SampleFacts.Instance, options, 1).Plan!;
        var tooSmall = ClusterPlanner.Plan(new MembershipSnapshot(1, [Slow("a", 100), Slow("b", 100)]), SampleFacts.Instance, options, 1);

        Assert.Equal((1, 2), (measured.Shards.WorldSize, unknown.Shards.WorldSize));
        Assert.Same(measured.Workers[0], measured.Choice!.Chosen.Workers[0]);
        Assert.Null(unknown.Choice);
        Assert.Equal([PlanRefusalReason.Memory, PlanRefusalReason.Memory], tooSmall.Refusals.Select(refusal => refusal.Reason));
    }

    private static Member Slow(string name, ulong memory = 1UL << 36) => TestMembers.Create(name, 0.5, memory);

    private static SplitChoice Choose(Link link, params Member[] members) => Choose(new LinkTable(link), members);

    private static SplitChoice Choose(LinkTable links, params Member[] members) =>
        new SplitSearch(SampleFacts.Instance, new PlanOptions { TensorParallel = 1, Pipeline = 1, ContextLength = 512, ChoosesSplit = true, Links = links }).Run(members)!;
}
