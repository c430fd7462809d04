using System.Collections.Immutable;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Membership;

/// <summary>Membership kept in this process. Safe for use from any thread.</summary>
/// <param name="time">The clock.</param>
/// <param name="credentials">What members are judged by; null for plain text.</param>
internal sealed class MembershipRegistry(TimeProvider time, PeerCredentials? credentials = null) : IMembership
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemberLease> _leases = [];
    private TaskCompletionSource<MembershipSnapshot> _next = NewSignal();
    private volatile MembershipSnapshot _current = MembershipSnapshot.Empty;

    public MembershipSnapshot Current => _current;

    /// <summary>Of all members.</summary>
    public ImmutableArray<MemberLease> Leases
    {
        get
        {
            lock (_lock) return [.. _leases.Values];
        }
    }

    public Task<MembershipSnapshot> NewerThanAsync(ulong version, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _current.Version > version ? Task.FromResult(_current) : _next.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Takes a worker in. A process that listens where an earlier one of the same name did replaces it, whose end was then only not
    /// noticed yet; at another address the name is taken.
    /// </summary>
    /// <param name="description">What it says of itself.</param>
    /// <param name="issued">When its certificate was issued; null for a cluster without.</param>
    public JoinResult Join(WorkerDescription description, DateTimeOffset? issued = null)
    {
        if (MemberDescription.Check(description) is { } problem) return JoinResult.Invalid(problem);

        var member = MemberDescription.ToMember(description, time.GetUtcNow());
        lock (_lock)
        {
            if (_current.Removed.Contains(member.Name))
                return JoinResult.Removed($"the worker '{member.Name}' was removed; 'cluster workers restore {member.Name}' lets it in again");
            if (_leases.TryGetValue(member.Name, out var old) && old.Member.Address != member.Address)
                return JoinResult.NameTaken($"the name '{member.Name}' is taken by the worker at {old.Member.Address}");

            old?.End();
            var lease = new MemberLease(this, member, _current.Version + 1, time) { Issued = issued };
            _leases[member.Name] = lease;
            Publish([.. _current.Members.Where(other => other.Name != member.Name), member]);
            return JoinResult.Joined(lease);
        }
    }

    public GrpcChannel Connect(Member member) => WorkerChannel.Open(member, credentials);

    /// <summary>Tells all members whose certificates count from now on.</summary>
    public void Trust(TrustedAuthorities authorities)
    {
        var notice = new MemberNotice { Trusted = authorities.ToNotice() };
        foreach (var lease in Leases) lease.Tell(notice);
    }

    /// <summary>Tells all members whom they must not talk to any more, and ends the membership of those.</summary>
    public void Revoke(RevocationList list)
    {
        var notice = new MemberNotice { Revoked = list.ToNotice() };
        foreach (var lease in Leases)
        {
            lease.Tell(notice);
            if (lease.Issued is { } issued && list.Includes(lease.Member.Name, issued)) lease.Dispose();
        }
    }

    public void ShutDown(Predicate<Member> isChosen)
    {
        lock (_lock)
        {
            // As they are now: a lease remembers its member as it joined.
            foreach (var member in _current.Members)
            {
                if (isChosen(member)) _leases[member.Name].Tell(new MemberNotice { ShutDown = true });
            }
        }
    }

    public bool Drain(string name)
    {
        lock (_lock)
        {
            if (!_leases.TryGetValue(name, out var lease)) return false;
            lease.Drain();
            return true;
        }
    }

    public bool Remove(string name, bool now)
    {
        lock (_lock)
        {
            var isNew = !_current.Removed.Contains(name);
            if (isNew) Publish(_current with { Removed = _current.Removed.Add(name) });
            if (!_leases.TryGetValue(name, out var lease)) return isNew;

            if (now)
            {
                lease.Tell(new MemberNotice { ShutDown = true });
                Leave(lease);
            }
            else
            {
                lease.Drain();
            }

            return isNew;
        }
    }

    /// <summary>Ends the membership of a worker that beats its heart and does nothing else. When it can again, it joins again.</summary>
    public void Expel(Member member)
    {
        lock (_lock)
        {
            if (_current.Includes(member)) Leave(_leases[member.Name]);
        }
    }

    public bool Restore(string name)
    {
        lock (_lock)
        {
            if (!_current.Removed.Contains(name)) return false;
            Publish(_current with { Removed = _current.Removed.Remove(name) });
            return true;
        }
    }

    /// <summary>A member wants to leave.</summary>
    internal void Drain(MemberLease lease)
    {
        lock (_lock)
        {
            if (!_leases.TryGetValue(lease.Member.Name, out var current) || current != lease) return;
            Publish([.. _current.Members.Select(member => member.Name == lease.Member.Name ? member with { IsDraining = true } : member)]);
        }
    }

    internal void Leave(MemberLease lease)
    {
        lock (_lock)
        {
            lease.End();

            // Not if somebody has replaced it.
            if (!_leases.TryGetValue(lease.Member.Name, out var current) || current != lease) return;

            _leases.Remove(lease.Member.Name);
            Publish([.. _current.Members.Where(member => member.Name != lease.Member.Name)]);
        }
    }

    private static TaskCompletionSource<MembershipSnapshot> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Publish(ImmutableArray<Member> members) => Publish(_current with { Members = members });

    private void Publish(MembershipSnapshot changed)
    {
        var signal = _next;
        _next = NewSignal();
        _current = changed with { Version = _current.Version + 1 };
        signal.SetResult(_current);
    }
}
