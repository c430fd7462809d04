using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/v1/completions</c>.</summary>
internal sealed record CompletionRequest : GenerationParameters
{
    public const int DefaultMaxTokens = 16;

    private const string TextAndIds = """{"type":"string"},{"type":"array","items":{"type":"integer"}}""";

    public static readonly ParameterTable<CompletionRequest> Table = new(
        ["prompt"],
        GenerationParameterTable.Of<CompletionRequest>(),
        [
            new("prompt", $$$"""{"oneOf":[{{{TextAndIds}}},{"type":"array","items":{"oneOf":[{{{TextAndIds}}}]}}]}""", "A text or token ids, or several of either.", static (r, v) => r with { Prompts = ReadPrompts(v) }),
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
        foreach (var prompt in Prompts) prompt.Validate(vocabularySize);
    }

    private static CompletionPrompt[] ReadPrompts(JsonParameter value)
    {
        if (value.Value.ValueKind == JsonValueKind.String) return [new CompletionPrompt(value.Text(), [])];
        if (value.Value.ValueKind != JsonValueKind.Array || value.Value.GetArrayLength() == 0) throw value.Wrong("it must be a text or an array of token ids");
        return value.Value[0].ValueKind is JsonValueKind.String or JsonValueKind.Array
            ? [.. value.Value.EnumerateArray().Select((element, index) => ReadOne(value, element, index))]
            : [new CompletionPrompt(null, ReadIds(value, value.Value))];
    }

    private static CompletionPrompt ReadOne(JsonParameter value, JsonElement element, int index) => element.ValueKind switch
    {
        JsonValueKind.String => new CompletionPrompt((value with { Value = element }).Text(), []),
        JsonValueKind.Array => new CompletionPrompt(null, ReadIds(value, element)),
        _ => throw value.Wrong($"element {index} is neither a text nor an array of token ids"),
    };

    private static int[] ReadIds(JsonParameter value, JsonElement array)
    {
        var ids = new int[array.GetArrayLength()];
        var index = 0;
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out ids[index])) throw value.Wrong($"element {index} is not a token id");
            index++;
        }

        return ids;
    }
}
