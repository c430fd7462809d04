using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Weights;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Weights;

public sealed class PieceTrackerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MembershipRegistry _registry;
    private readonly PieceTracker _tracker;

    public PieceTrackerTests()
    {
        _registry = new MembershipRegistry(_time);
        _tracker = new PieceTracker(4, _registry, _time);
    }

    [Fact]
    public async Task Who_asks_first_gets_the_piece_and_others_are_sent_there()
    {
        Join("a", "b");
        Assert.Empty(await Find("a:1"));

        var b = Find("b:1");
        Assert.False(b.IsCompleted);
        Assert.Empty(await Find("b:1", index: 3));
        _tracker.Announce("a:1", [2]);

        Assert.Equal(["a:1"], await b);
        Assert.Empty(await Find("a:1"));
    }

    [Fact]
    public async Task Nobody_waits_for_long_nor_for_one_who_has_left()
    {
        var a = Join("a", "b", "c")[0];
        await Find("a:1");
        var b = Find("b:1");
        a.Dispose();
        Assert.Empty(await b);

        var c = Find("c:1");
        Assert.False(c.IsCompleted);
        _time.Advance(PieceTracker.Patience);
        Assert.Empty(await c);
    }

    [Fact]
    public async Task Readers_are_shared_out_among_holders_and_not_sent_to_those_that_they_distrust()
    {
        Join("a", "b", "c", "d", "e", "f");
        foreach (var holder in (string[])["a:1", "b:1", "c:1", "d:1"]) _tracker.Announce(holder, [0, 1, 2, 9, -1]);

        Assert.Equal(["a:1", "b:1", "c:1"], await Find("e:1"));
        Assert.Equal(["b:1", "c:1", "d:1"], await Find("f:1"));
        Assert.Equal(["d:1"], await Find("e:1", distrusted: ["a:1", "b:1", "c:1"]));
        Assert.Empty(await Find("e:1", distrusted: ["a:1", "b:1", "c:1", "d:1"]));
    }

    [Fact]
    public async Task Strangers_neither_hold_pieces_nor_keep_others_waiting()
    {
        Join("a");
        _tracker.Announce("x:1", [2]);
        Assert.Empty(await Find("x:1"));
        Assert.Empty(await Find("a:1"));
    }

    private async Task<IReadOnlyList<string>> Find(string reader, int index = 2, params string[] distrusted) =>
        await _tracker.FindAsync(index, reader, distrusted, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

    private MemberLease[] Join(params string[] names) =>
    [
        .. names.Select(name => _registry.Join(new WorkerDescription
        {
            Name = name,
            Address = $"{name}:1",
            Version = "1",
            Device = new Device { Id = "cpu", Name = "cpu", Kernels = "avx2" },
        }).Lease!),
    ];
}
