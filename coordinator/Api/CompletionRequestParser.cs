using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>Reads the body of a request to <c>/v1/completions</c>; whatever is wrong is named by its parameter.</summary>
internal static class CompletionRequestParser
{
    private const int MaxStops = 4;

    /// <exception cref="ApiException">A parameter is unknown, of the wrong type or out of range.</exception>
    public static CompletionRequest Parse(JsonElement body, int vocabularySize)
    {
        if (body.ValueKind != JsonValueKind.Object) throw new ApiException(ApiError.Invalid(null, "The body must be a JSON object."));

        var request = new CompletionRequest();
        var hasPrompt = false;
        foreach (var property in body.EnumerateObject())
        {
            // As OpenAI's API has it: null is the same as not given.
            if (property.Value.ValueKind == JsonValueKind.Null) continue;

            hasPrompt |= property.Name == "prompt";
            request = Apply(request, new JsonParameter(property.Name, property.Value), vocabularySize);
        }

        if (!hasPrompt) throw new ApiException(ApiError.Invalid("prompt", "'prompt' is required."));
        if (request.IncludeUsage && !request.Stream) throw new ApiException(ApiError.Invalid("stream_options", "'stream_options' is only allowed when 'stream' is true."));
        if (request.Sampling.Validate(vocabularySize) is [var error, ..]) throw new ApiException(ApiError.Invalid(error.Parameter, error.Message));
        return request;
    }

    private static CompletionRequest Apply(CompletionRequest request, JsonParameter value, int vocabularySize)
    {
        var sampling = request.Sampling;
        return value.Name switch
        {
            "model" => request with { Model = value.Text() },
            "prompt" => ApplyPrompt(request, value, vocabularySize),
            "max_tokens" => request with { MaxTokens = value.Integer(1) },
            "stop" => request with { Stop = ReadStops(value) },
            "stream" => request with { Stream = value.Boolean() },
            "stream_options" => request with { IncludeUsage = ReadIncludeUsage(value) },
            "ignore_eos" => request with { IgnoreEndOfText = value.Boolean() },
            "temperature" => request with { Sampling = sampling with { Temperature = value.Number() } },
            "top_p" => request with { Sampling = sampling with { TopP = value.Number() } },
            "top_k" => request with { Sampling = sampling with { TopK = value.Integer(int.MinValue) } },
            "min_p" => request with { Sampling = sampling with { MinP = value.Number() } },
            "repetition_penalty" => request with { Sampling = sampling with { RepetitionPenalty = value.Number() } },
            "presence_penalty" => request with { Sampling = sampling with { PresencePenalty = value.Number() } },
            "frequency_penalty" => request with { Sampling = sampling with { FrequencyPenalty = value.Number() } },
            "seed" => request with { Sampling = sampling with { Seed = value.Seed() } },
            "logit_bias" => request with { Sampling = sampling with { LogitBias = ReadBias(value) } },
            "n" or "best_of" => value.Integer(1) == 1 ? request : throw value.Wrong("only 1 is supported"),
            "echo" => !value.Boolean() ? request : throw value.Wrong("only false is supported"),
            "user" => value.Ignore(request),
            _ => throw new ApiException(ApiError.Invalid(value.Name, $"Unrecognized request argument supplied: {value.Name}")),
        };
    }

    private static CompletionRequest ApplyPrompt(CompletionRequest request, JsonParameter value, int vocabularySize)
    {
        var prompt = value.Value;
        if (prompt.ValueKind == JsonValueKind.String) return request with { PromptText = value.Text() };
        if (prompt.ValueKind != JsonValueKind.Array || prompt.GetArrayLength() == 0) throw value.Wrong("it must be a text or an array of token ids");

        // A batch of one text, or of one array of ids, is the same as that one.
        if (prompt[0].ValueKind is JsonValueKind.String or JsonValueKind.Array)
        {
            return prompt.GetArrayLength() == 1
                ? ApplyPrompt(request, value with { Value = prompt[0] }, vocabularySize)
                : throw value.Wrong("only one prompt in a request is supported");
        }

        var ids = new int[prompt.GetArrayLength()];
        for (var i = 0; i < ids.Length; i++)
        {
            if (prompt[i].ValueKind != JsonValueKind.Number || !prompt[i].TryGetInt32(out ids[i]) || (uint)ids[i] >= (uint)vocabularySize)
                throw value.Wrong($"element {i} is not a token id of the model's vocabulary of {vocabularySize}");
        }

        return request with { PromptTokens = ids };
    }

    private static string[] ReadStops(JsonParameter value)
    {
        var stops = value.Value.ValueKind == JsonValueKind.Array
            ? [.. value.Value.EnumerateArray().Select(element => (value with { Value = element }).Text())]
            : new[] { value.Text() };
        if (stops.Length > MaxStops) throw value.Wrong($"at most {MaxStops} are allowed");
        return Array.Exists(stops, stop => stop.Length == 0) ? throw value.Wrong("an empty text is not allowed") : stops;
    }

    private static bool ReadIncludeUsage(JsonParameter value)
    {
        if (value.Value.ValueKind != JsonValueKind.Object) throw value.Wrong("it must be an object");

        var include = false;
        foreach (var option in value.Value.EnumerateObject())
        {
            if (option.Name != "include_usage") throw value.Wrong($"'{option.Name}' is not known");
            include = new JsonParameter(value.Name, option.Value).Boolean();
        }

        return include;
    }

    private static Dictionary<int, float> ReadBias(JsonParameter value)
    {
        if (value.Value.ValueKind != JsonValueKind.Object) throw value.Wrong("it must be an object of token ids and numbers");

        var bias = new Dictionary<int, float>();
        foreach (var entry in value.Value.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, out var id)) throw value.Wrong($"'{entry.Name}' is not a token id");
            bias[id] = new JsonParameter(value.Name, entry.Value).Number();
        }

        return bias;
    }
}
