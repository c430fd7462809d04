namespace Cluster.Model.Sampling;

/// <summary>
/// Logit bias and penalties of one sequence. They change the logits of a few known tokens; those are the ones to request from the ranks.
/// </summary>
internal sealed class LogitAdjuster
{
    private readonly SamplingOptions _options;
    private readonly int[] _biasIds = [];
    private readonly float[] _biases = [];
    private readonly TokenCounts _counts = new();
    private int[] _ids = [];
    private int _start; // the text's part that is counted
    private int _end;

    public LogitAdjuster(SamplingOptions options)
    {
        _options = options;
        if (options.LogitBias is { Count: > 0 } bias)
        {
            _biasIds = [.. bias.Keys];
            _biases = [.. bias.Values];
            Array.Sort(_biasIds, _biases);
        }
    }

    /// <summary>Ids of the tokens whose logits may change, ascending. Valid until the next call.</summary>
    /// <param name="tokens">The whole text. Between calls it only grows; a shorter one is counted anew.</param>
    /// <param name="promptLength">How many of them were not generated.</param>
    public ReadOnlyMemory<int> Update(ReadOnlySpan<int> tokens, int promptLength)
    {
        if (!_options.HasPenalty) return _biasIds;

        int start = _options.PenaltyWindow < 0 ? 0 : Math.Max(0, tokens.Length - _options.PenaltyWindow);
        // Without a repetition penalty nothing looks at the prompt.
        if (!_options.PenalizesPrompt) start = Math.Max(start, Math.Min(promptLength, tokens.Length));
        if (tokens.Length < _end || start < _start || start > _end)
        {
            _counts.Clear();
            _start = _end = start;
        }
        for (; _end < tokens.Length; _end++) _counts.Add(tokens[_end], _end >= promptLength);
        for (; _start < start; _start++) _counts.Remove(tokens[_start], _start >= promptLength);

        return MergeIds();
    }

    /// <summary>The logit that the token is chosen by.</summary>
    public float Adjust(int id, float logit)
    {
        int bias = _biasIds.AsSpan().BinarySearch(id);
        if (bias >= 0) logit += _biases[bias];
        if (!_options.HasPenalty) return logit;

        (int inText, int generated) = _counts.Of(id);
        if (inText > 0) logit = logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty;
        if (generated > 0) logit -= generated * _options.FrequencyPenalty + _options.PresencePenalty;
        return logit;
    }

    // The union of two ascending lists.
    private ReadOnlyMemory<int> MergeIds()
    {
        ReadOnlySpan<int> counted = _counts.Ids;
        if (_ids.Length < counted.Length + _biasIds.Length) _ids = new int[(counted.Length + _biasIds.Length) * 2];
        int merged = 0, c = 0, b = 0;
        while (c < counted.Length || b < _biasIds.Length)
        {
            int fromCounts = c < counted.Length ? counted[c] : int.MaxValue;
            int fromBias = b < _biasIds.Length ? _biasIds[b] : int.MaxValue;
            int id = Math.Min(fromCounts, fromBias);
            if (fromCounts == id) c++;
            if (fromBias == id) b++;
            _ids[merged++] = id;
        }
        return _ids.AsMemory(0, merged);
    }
}
