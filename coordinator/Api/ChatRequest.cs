using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/v1/chat/completions</c>.</summary>
internal sealed record ChatRequest : GenerationParameters
{
    private const string MessagesSchema = """
        {"type":"array","minItems":1,"items":{"type":"object","required":["role","content"],"properties":{"role":{"type":"string","enum":["system","developer","user","assistant"]},"content":{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"object","properties":{"type":{"type":"string","enum":["text"]},"text":{"type":"string"}}}}]},"name":{"type":"string"}}}}
        """;

    public static readonly ParameterTable<ChatRequest> Table = new(
        ["messages"],
        GenerationParameterTable.Of<ChatRequest>(),
        [
            new("messages", MessagesSchema, "The conversation so far.", static (r, v) => r with { Messages = ChatMessages.Read(v) }),
            new("max_completion_tokens", """{"type":"integer","minimum":1}""", "Tokens to write at most; the same as max_tokens.", static (r, v) => r with { MaxTokens = v.Integer(1) }),
            new("logprobs", """{"type":"boolean","default":false}""", "Tell the log-probabilities of the text's tokens.", static (r, v) => r with { WantsLogProbs = v.Boolean() }),
            new("top_logprobs", """{"type":"integer","minimum":0,"maximum":20}""", "Tell so many most probable tokens at each place; needs logprobs.", static (r, v) => r with { Sampling = r.Sampling with { TopLogProbs = v.Integer(0, 20) } }),
            new("chat_template_kwargs", """{"type":"object"}""", "Further names for the model's chat template, such as enable_thinking.", static (r, v) => r with { TemplateNames = v.Properties().ToDictionary(static p => p.Name, static p => p.Value.Clone()) }),
            new("response_format", """{"type":"object","properties":{"type":{"type":"string","enum":["text"]}}}""", "Only text so far.", static (r, v) => RequireText(r, v)),
            new("tools", """{"type":"array","maxItems":0}""", "Not supported yet.", static (r, v) => v.Elements().Any() ? throw v.Wrong("tools are not supported yet") : r),
            new("tool_choice", """{"type":"string","enum":["none","auto"]}""", "Without tools there is nothing to choose.", static (r, v) => v.Value.ValueKind == JsonValueKind.String && v.Text() is "none" or "auto" ? r : throw v.Wrong("tools are not supported yet")),
            new("parallel_tool_calls", """{"type":"boolean"}""", "Accepted and not used.", static (r, v) => v.Boolean() ? r : r),
            new("functions", """{"type":"array","maxItems":0}""", "Not supported.", static (_, v) => throw v.Wrong("functions are not supported")),
        ]);

    /// <summary>As the chat template takes them: an array of objects with role and content.</summary>
    public JsonElement Messages { get; init; }

    public IReadOnlyDictionary<string, JsonElement> TemplateNames { get; init; } = new Dictionary<string, JsonElement>();

    public override void Validate(int vocabularySize)
    {
        base.Validate(vocabularySize);
        if (Sampling.TopLogProbs > 0 && !WantsLogProbs)
            throw new ApiException(ApiError.Invalid("top_logprobs", "Invalid 'top_logprobs': it is only allowed when 'logprobs' is true."));
    }

    private static ChatRequest RequireText(ChatRequest request, JsonParameter value)
    {
        var isText = value.Properties().All(static property => property.Name == "type" && property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() == "text");
        return isText ? request : throw value.Wrong("only {\"type\":\"text\"} is supported so far");
    }
}
