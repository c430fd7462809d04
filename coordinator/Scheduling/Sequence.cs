namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// One request's tokens (the prompt, then what was generated) and where its keys and values live. Owned by the scheduler's thread.
/// </summary>
internal class Sequence
{
    private int[] _tokens;

    /// <exception cref="ArgumentException">The prompt is empty: a step always has a token to begin with.</exception>
    public Sequence(ReadOnlySpan<int> prompt)
    {
        if (prompt.IsEmpty) throw new ArgumentException("A sequence begins with at least one token.", nameof(prompt));

        _tokens = new int[prompt.Length + 64];
        prompt.CopyTo(_tokens);
        PromptLength = Length = prompt.Length;
    }

    /// <summary>Whom it is for.</summary>
    public Tenant Tenant { get; init; } = Tenant.Anyone;

    public int PromptLength { get; }

    /// <summary>Tokens so far, prompt and generated.</summary>
    public int Length { get; private set; }

    public int GeneratedLength => Length - PromptLength;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Tokens whose keys and values are in the cache; always the first ones.</summary>
    public int CachedLength { get; private set; }

    /// <summary>
    /// Tokens that are in the cache, or that steps under way take in: one more than there are when the last step has gone ahead with the token that
    /// the one before it chooses.
    /// </summary>
    public int ScheduledLength { get; internal set; }

    /// <summary>Tokens that no step has taken in so far; one for a sequence that decodes and is in no step.</summary>
    public int PendingLength => Length - ScheduledLength;

    /// <summary>Indices of the cache blocks that hold positions 0, BlockTokens, 2 × BlockTokens …</summary>
    public BlockTable Blocks { get; } = new();

    /// <summary>Tokens at the beginning that need not be computed if the cache has them: never all, since the last one's logits are wanted.</summary>
    public virtual int ReusableLength => Length - 1;

    /// <summary>Prompt tokens that were in the cache when it first ran; null before.</summary>
    public int? ReusedLength { get; internal set; }

    /// <summary>
    /// Whether the ranks can name the token after the last one by themselves, once they have computed the logits, and the sequence goes on after it
    /// unless that very token ends it.
    /// </summary>
    public virtual bool IsForeseeable => false;

    public SequenceState State { get; internal set; }

    /// <summary>Order of arrival; the highest is the youngest.</summary>
    public long Arrival { get; internal set; }

    /// <summary>Takes part in no step for now (its reader is behind) and gives its blocks away before any other.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Its tenant's queue; null before it is queued and when it has finished.</summary>
    internal TenantQueue? Queue { get; set; }

    /// <summary>Whether a step under way takes it in; it keeps its blocks until that is over.</summary>
    internal bool IsScheduled => ScheduledLength > CachedLength;

    public void Append(int token)
    {
        if (Length == _tokens.Length) Array.Resize(ref _tokens, Length * 2);
        _tokens[Length++] = token;
    }

    /// <summary>A step that took in tokens up to <paramref name="end"/> is over.</summary>
    internal void TakeIn(int end) => CachedLength = end;

    /// <summary>So many of its tokens are in the cache, and it is in no step.</summary>
    internal void BeginAt(int cached) => CachedLength = ScheduledLength = cached;
}
