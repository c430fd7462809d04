using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Engine;

/// <summary>A text that is continued token by token.</summary>
internal sealed class GenerationSequence : LiveSequence
{
    private readonly GenerationRequest _request;
    private readonly EngineModel _model;
    private readonly TimeProvider _time;
    private readonly IRequestJournal _journal;
    private readonly TokenSampler _sampler;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly StopMatcher _stops;
    private readonly long _submitted;
    private long? _prefillStarted;
    private long _firstToken;
    private long _lastToken;
    private int _prefilledTokens;
    private double _prefillBytes;
    private double _decodeBytes;
    private SampleResult? _chosen;
    private int _contextLength;

    public GenerationSequence(
        GenerationRequest request, EngineModel model, IRequestJournal journal, TimeProvider time, Action wakeEngine, Action<LiveSequence> cancel)
        : base(request.Prompt.Span)
    {
        Tenant = request.Tenant;
        _request = request;
        _model = model;
        _contextLength = model.ContextLength;
        _time = time;
        _journal = journal;
        _sampler = new TokenSampler(request.Sampling, model.VocabularySize);
        _detokenizer = new StreamingDetokenizer(model.Tokenizer, request.Prompt.Span);
        _stops = new StopMatcher(request.StopStrings);
        _submitted = _firstToken = _lastToken = time.GetTimestamp();
        Stream = new TokenStream(wakeEngine, () => cancel(this));
        _journal.Begin(this, request with { Sampling = request.Sampling with { Seed = _sampler.Seed } });
    }

    public TokenStream Stream { get; }

    public override bool IsReaderBehind() => Stream.IsFull();

    public override bool IsForeseeable =>
        _sampler.TakesFirstCandidate && GeneratedLength + 1 < _request.MaxTokens && Length + 1 < _contextLength;

    public override void AddRows(in ScheduledSequence part, int firstToken, StepBuilder step)
    {
        if (!part.ReachesEnd) return;
        var query = part.IsAhead ? _sampler.QueryAhead(part.End) : _sampler.Query(Tokens, PromptLength);
        ChoosingRow = step.AddRow(this, firstToken + part.Count - 1, query);
    }

    public override CandidateQuery? Answer(in LogitsRequest row, ReadOnlySpan<RankCandidates> ranks)
    {
        var result = _sampler.Sample(row.Query, ranks);
        if (result.IsChosen) _chosen = result;
        return result.NextQuery;
    }

    public override void SessionLost() => _chosen = null;

    public override string? Fit(int contextLength)
    {
        _contextLength = contextLength;
        return Length < contextLength ? null : $"its {Length} tokens leave no room in the context of {contextLength} that is left";
    }

    public override void StepDone(in ScheduledSequence part, in StepTimings timings)
    {
        base.StepDone(part, timings);
        var bytes = (double)timings.WireBytes * part.Count / timings.Tokens;
        if (GeneratedLength > 0)
        {
            _decodeBytes += bytes;
        }
        else
        {
            _prefillBytes += bytes;
            _prefilledTokens += part.Count;
        }

        _prefillStarted ??= timings.Started;

        if (_chosen is not { } chosen) return;
        _chosen = null;
        Accept(chosen);
    }

    public override void Abandon(FinishReason reason, string? error)
    {
        if (!IsFinished) End(reason, error);
    }

    private void Accept(in SampleResult chosen)
    {
        var token = chosen.Token.TokenId;
        Append(token);
        _lastToken = _time.GetTimestamp();
        if (GeneratedLength == 1) _firstToken = _lastToken;

        var isEnd = !_request.IgnoreEndOfText && _model.Tokenizer.IsEndOfGeneration(token);
        var text = isEnd ? "" : _stops.Append(_detokenizer.Append(token));
        Stream.Write(new TokenEvent(token, text, chosen.Token.LogProb, chosen.TopLogProbs));
        _journal.Append(this, token, Stream.TakenCount);

        if (isEnd || _stops.IsMatched) End(FinishReason.Stop, null);
        else if (GeneratedLength >= _request.MaxTokens || Length >= _contextLength) End(FinishReason.Length, null);
    }

    private void End(FinishReason reason, string? error)
    {
        IsFinished = true;
        _journal.End(this);
        _request.Ended?.Invoke(Tokens.ToArray());
        if (reason is FinishReason.Stop or FinishReason.Length && !_stops.IsMatched)
        {
            var rest = _stops.Append(_detokenizer.Flush());
            if (!_stops.IsMatched) rest += _stops.Flush();
            if (rest.Length > 0) Stream.Write(new TokenEvent(null, rest));
        }

        Stream.End(new GenerationSummary
        {
            Reason = reason,
            Error = error,
            Submitted = _submitted,
            PromptTokens = PromptLength,
            CachedTokens = ReusedLength ?? 0,
            PrefilledTokens = _prefilledTokens,
            GeneratedTokens = GeneratedLength,
            TimeToFirstToken = _time.GetElapsedTime(_submitted, _firstToken),
            Prefill = _time.GetElapsedTime(_prefillStarted ?? _firstToken, _firstToken),
            Decode = _time.GetElapsedTime(_firstToken, _lastToken),
            PrefillWireBytes = (long)_prefillBytes,
            DecodeWireBytes = (long)_decodeBytes,
        });
    }
}
