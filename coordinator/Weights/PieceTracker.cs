using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Weights;

/// <summary>
/// Who has which pieces of a model, so that each leaves the coordinator once: the first worker that asks for a piece gets it, others wait until it
/// has the piece and get it there. Whoever lets others wait for long is not waited for any more.
/// </summary>
/// <param name="count">Pieces of the model.</param>
/// <param name="membership">Only members have pieces.</param>
/// <param name="time">The clock.</param>
internal sealed class PieceTracker(int count, IMembership membership, TimeProvider time)
{
    /// <summary>Workers that a reader is sent to for one piece; when none of them helps it asks again.</summary>
    private const int MostHolders = 3;

    /// <summary>How long a piece that is on its way to another worker is waited for: many seconds on a slow network, where many are on their way.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Piece?[] _pieces = new Piece?[count];

    /// <summary>Whom a reader is to ask for a piece; empty when it is to have it of the coordinator.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(int index, string reader, IReadOnlyCollection<string> distrusted, CancellationToken cancellationToken)
    {
        if (!IsMember(membership.Current, reader)) return [];
        while (true)
        {
            Fetch other;
            lock (_lock)
            {
                var piece = _pieces[index] ??= new Piece();
                var members = membership.Current;
                var holders = piece.Holders.FindAll(holder => holder != reader && !distrusted.Contains(holder) && IsMember(members, holder));
                if (holders.Count > 0) return Some(holders, piece.Turn++);
                if (piece.Fetch is not { } fetch || fetch.Reader == reader || distrusted.Contains(fetch.Reader) || !IsMember(members, fetch.Reader)
                    || time.GetElapsedTime(fetch.Since) >= Patience)
                {
                    piece.Fetch = new Fetch(reader, time.GetTimestamp());
                    return [];
                }

                other = fetch;
            }

            await WaitAsync(other, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A worker has pieces, be they fetched or from its cache.</summary>
    public void Announce(string holder, IEnumerable<int> indexes)
    {
        if (!IsMember(membership.Current, holder)) return;
        lock (_lock)
        {
            foreach (var index in indexes)
            {
                if (index < 0 || index >= count) continue;
                var piece = _pieces[index] ??= new Piece();
                if (!piece.Holders.Contains(holder)) piece.Holders.Add(holder);
                piece.Fetch?.Ended.TrySetResult();
                piece.Fetch = null;
            }
        }
    }

    private static bool IsMember(MembershipSnapshot members, string address) => members.Members.Any(member => member.Address == address);

    /// <summary>Each reader begins with another, so that no holder serves all.</summary>
    private static List<string> Some(List<string> holders, int turn) =>
        [.. Enumerable.Range(0, Math.Min(holders.Count, MostHolders)).Select(i => holders[(int)((uint)(turn + i) % (uint)holders.Count)])];

    /// <summary>Until the piece is there, its reader has left, or patience ends.</summary>
    private async Task WaitAsync(Fetch fetch, CancellationToken cancellationToken)
    {
        var left = Patience - time.GetElapsedTime(fetch.Since);
        if (left <= TimeSpan.Zero) return;

        using var patience = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var gone = membership.WhenAsync(members => !IsMember(members, fetch.Reader), either.Token);
        await Task.WhenAny(fetch.Ended.Task, gone).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await ((Task)gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed class Piece
    {
        public List<string> Holders { get; } = [];

        /// <summary>To whom it is on its way.</summary>
        public Fetch? Fetch { get; set; }

        public int Turn { get; set; }
    }

    private sealed record Fetch(string Reader, long Since)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
