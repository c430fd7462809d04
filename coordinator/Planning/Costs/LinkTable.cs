using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>The links between workers. What is not known of a pair follows from what is known of its ends. Both directions are the same.</summary>
/// <param name="otherwise">Between workers of different machines of which nothing is known.</param>
internal sealed class LinkTable(Link otherwise)
{
    private readonly Dictionary<(string, string), Link> _pairs = [];
    private readonly Dictionary<string, Link> _ends = [];
    private readonly Dictionary<string, string> _groups = [];

    /// <summary>The link by which a worker, or every worker of a group, reaches all others.</summary>
    public void SetEnd(string name, Link link) => _ends[name] = link;

    /// <summary>The link between two workers or groups.</summary>
    public void SetPair(string a, string b, Link link) => _pairs[Key(a, b)] = link;

    /// <summary>What is said of the group holds for the worker, unless more is said of the worker.</summary>
    public void SetGroup(string worker, string group) => _groups[worker] = group;

    public Link Between(Member a, Member b)
    {
        if (_pairs.Count > 0)
        {
            var (groupA, groupB) = (GroupOf(a), GroupOf(b));
            if (_pairs.TryGetValue(Key(a.Name, b.Name), out var pair) || _pairs.TryGetValue(Key(a.Name, groupB), out pair)
                || _pairs.TryGetValue(Key(groupA, b.Name), out pair) || _pairs.TryGetValue(Key(groupA, groupB), out pair)) return pair;
        }

        return MemoryNeed.Key(a).Host == MemoryNeed.Key(b).Host ? Link.Loopback : Link.Worse(End(a), End(b));
    }

    /// <summary>The worst that any pair of a group has; null of fewer than two.</summary>
    public Link? Worst(ReadOnlySpan<Member> group)
    {
        if (group.Length < 2) return null;

        var worst = Between(group[0], group[1]);
        for (var i = 0; i < group.Length; i++)
        {
            // Without figures of pairs the first worker's links to all others, and theirs to the second, have every end in them.
            if (_pairs.Count == 0 && i > 1) break;
            for (var j = i + 1; j < group.Length; j++) worst = Link.Worse(worst, Between(group[i], group[j]));
        }

        return worst;
    }

    private Link End(Member member) =>
        _ends.TryGetValue(member.Name, out var end) || _ends.TryGetValue(GroupOf(member), out end) ? end : otherwise;

    private string GroupOf(Member member) => _groups.GetValueOrDefault(member.Name, member.Name);

    private static (string, string) Key(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);
}
