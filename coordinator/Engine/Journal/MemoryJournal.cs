using System.Collections.Concurrent;

namespace Cluster.Coordinator.Engine.Journal;

/// <summary>The journal of a coordinator that outlives its workers but not itself.</summary>
internal sealed class MemoryJournal : IRequestJournal
{
    private readonly ConcurrentDictionary<object, JournalEntry> _live = new(ReferenceEqualityComparer.Instance);

    /// <summary>The texts under way, in no order.</summary>
    public ICollection<JournalEntry> Live => _live.Values;

    public void Begin(object text, GenerationRequest request) => _live[text] = new JournalEntry(request);

    public void Append(object text, int token, long taken) => _live[text].Append(token, taken);

    public void End(object text) => _live.TryRemove(text, out _);
}
