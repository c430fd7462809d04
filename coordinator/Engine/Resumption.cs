namespace Cluster.Coordinator.Engine;

/// <summary>Follows the texts that a loss interrupted until each of them goes on, or has ended. For the engine's loop.</summary>
internal sealed class Resumption(TimeProvider time)
{
    private readonly HashSet<LiveSequence> _behind = [];
    private readonly TaskCompletionSource<ResumedTexts> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lost;
    private long _attached;
    private TimeSpan _detection;
    private int _texts;
    private int _tokens;

    /// <summary>Completes when all go on.</summary>
    public Task<ResumedTexts> Done => _done.Task;

    /// <summary>The ranks are lost.</summary>
    /// <param name="detection">How long that was not known.</param>
    public void Lost(TimeSpan detection)
    {
        _lost = time.GetTimestamp();
        _detection = detection;
    }

    /// <summary>A text that had keys and values in the cache has to be taken in again.</summary>
    public void Add(LiveSequence sequence) => _behind.Add(sequence);

    /// <summary>There are ranks again.</summary>
    public void Attached()
    {
        _attached = time.GetTimestamp();
        _texts = _behind.Count;
        foreach (var sequence in _behind) _tokens += sequence.Length;
        CompleteWhenAllGoOn();
    }

    /// <summary>The text goes on, has ended, or waits for its reader.</summary>
    public void GoesOn(LiveSequence sequence)
    {
        if (_behind.Remove(sequence)) CompleteWhenAllGoOn();
    }

    private void CompleteWhenAllGoOn()
    {
        if (_behind.Count > 0 || _attached == 0) return;
        _done.TrySetResult(new ResumedTexts(
            _texts, _tokens, _detection, time.GetElapsedTime(_lost, _attached), time.GetElapsedTime(_attached)));
    }
}
