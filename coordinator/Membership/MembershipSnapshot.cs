using System.Collections.Immutable;

namespace Cluster.Coordinator.Membership;

/// <summary>Who is a member. Immutable; every change is a new snapshot with the next version.</summary>
/// <param name="Version">0 for the empty one at the start.</param>
/// <param name="Members">In order of joining.</param>
internal sealed record MembershipSnapshot(ulong Version, ImmutableArray<Member> Members)
{
    public static MembershipSnapshot Empty { get; } = new(0, []);

    /// <summary>Names that are refused: an operator took them out, whether they were members or not.</summary>
    public ImmutableHashSet<string> Removed { get; init; } = [];

    public Member? Find(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name) return member;
        }

        return null;
    }

    /// <summary>Whether this very incarnation of a worker is still there: the same process at the same address.</summary>
    public bool Includes(Member member) =>
        Find(member.Name) is { } found && found.Address == member.Address && found.ProcessId == member.ProcessId;
}
