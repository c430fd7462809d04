namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/v1/completions</c>.</summary>
internal sealed record CompletionRequest : GenerationParameters
{
    public const int DefaultMaxTokens = 16;

    public static readonly ParameterTable<CompletionRequest> Table = new(
        ["prompt"],
        GenerationParameterTable.Of<CompletionRequest>(),
        [
            new("prompt", CompletionPrompt.Schema, "A text or token ids, or several of either.", static (r, v) => r with { Prompts = CompletionPrompt.Read(v) }),
            new("logprobs", """{"type":"integer","minimum":0,"maximum":20}""", "Tell the log-probabilities of so many most probable tokens at each place.", static (r, v) => r with { WantsLogProbs = true, Sampling = r.Sampling with { TopLogProbs = v.Integer(0, 20) } }),
            new("best_of", """{"type":"integer"}""", "Only the same as n.", static (r, v) => r with { BestOf = v.Integer(1) }),
            new("echo", """{"type":"boolean"}""", "Only false.", static (r, v) => v.Boolean() ? throw v.Wrong("only false is supported") : r),
            new("suffix", """{"type":"string"}""", "Not supported.", static (_, v) => throw v.Wrong("insertion is not supported")),
        ]);

    /// <summary>Each a text or token ids; at least one.</summary>
    public IReadOnlyList<CompletionPrompt> Prompts { get; init; } = [];

    public int? BestOf { get; init; }

    public override void Validate(int vocabularySize)
    {
        base.Validate(vocabularySize);
        if (BestOf is { } bestOf && bestOf != Choices) throw new ApiException(ApiError.Invalid("best_of", "Invalid 'best_of': only the same as 'n' is supported."));
        if (Prompts.Count * Choices > GenerationParameterTable.MaxChoices)
            throw new ApiException(ApiError.Invalid("prompt", $"Invalid 'prompt': prompts times 'n' must be at most {GenerationParameterTable.MaxChoices}."));
        foreach (var prompt in Prompts) prompt.Validate(vocabularySize, "prompt");
    }
}
