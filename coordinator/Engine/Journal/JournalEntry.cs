namespace Cluster.Coordinator.Engine.Journal;

/// <summary>One text under way.</summary>
/// <param name="request">How it is continued; its seed is set.</param>
internal sealed class JournalEntry(GenerationRequest request)
{
    private readonly List<int> _tokens = [];

    public GenerationRequest Request => request;

    /// <summary>Generated so far. For the engine's loop, or while it rests.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Of the stream's events so many have been taken by the reader.</summary>
    public long Taken { get; private set; }

    public void Append(int token, long taken)
    {
        _tokens.Add(token);
        Taken = taken;
    }
}
