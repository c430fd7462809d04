using System.Text.Json;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Api;

/// <summary>The parameters of <see cref="GenerationParameters"/>.</summary>
internal static class GenerationParameterTable
{
    /// <summary>Texts that one request can ask for.</summary>
    public const int MaxChoices = 128;

    private const int MaxStops = 4;

    public static Parameter<T>[] Of<T>()
        where T : GenerationParameters =>
    [
        new("model", """{"type":"string"}""", "Name of the model; the one that is served if left out.", static (r, v) => r with { Model = v.Text() }),
        new("max_tokens", """{"type":"integer","minimum":1}""", "Tokens to write at most.", static (r, v) => r with { MaxTokens = v.Integer(1) }),
        new("n", $$"""{"type":"integer","minimum":1,"maximum":{{MaxChoices}},"default":1}""", "Texts to write for each prompt.", static (r, v) => r with { Choices = v.Integer(1, MaxChoices) }),
        new("stop", """{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"maxItems":4}]}""", "The text ends before the first of these that occurs.", static (r, v) => r with { Stop = ReadStops(v) }),
        new("stream", """{"type":"boolean","default":false}""", "Send the text as it is written, as server-sent events.", static (r, v) => r with { Stream = v.Boolean() }),
        new("stream_options", """{"type":"object","properties":{"include_usage":{"type":"boolean"}}}""", "include_usage: end the stream with the usage.", static (r, v) => r with { IncludeUsage = ReadIncludeUsage(v) }),
        new("ignore_eos", """{"type":"boolean","default":false}""", "Go on after the model's end of text, for measurements.", static (r, v) => r with { IgnoreEndOfText = v.Boolean() }),
        new("timeout", """{"type":"number","exclusiveMinimum":0}""", "Seconds after which the request ends with an error if it is not finished.", static (r, v) => r with { Timeout = v.Seconds() }),
        new("user", """{"type":"string"}""", "Accepted and not used.", static (r, v) => v.Ignore(r)),
        Sampling<T>("temperature", """{"type":"number","minimum":0,"default":1}""", "What logits are divided by; 0 takes the best token.", static (s, v) => s with { Temperature = v.Number() }),
        Sampling<T>("top_p", """{"type":"number","minimum":0,"maximum":1,"default":1}""", "Keep the best tokens up to this probability.", static (s, v) => s with { TopP = v.Number() }),
        Sampling<T>("top_k", """{"type":"integer","minimum":-1,"default":0}""", "Keep this many best tokens; 0 or -1 keeps all.", static (s, v) => s with { TopK = v.Integer(int.MinValue) }),
        Sampling<T>("min_p", """{"type":"number","minimum":0,"maximum":1,"default":0}""", "Keep tokens at least this times as probable as the best.", static (s, v) => s with { MinP = v.Number() }),
        Sampling<T>("repetition_penalty", """{"type":"number","exclusiveMinimum":0,"default":1}""", "Above 1: tokens of prompt and text become less likely.", static (s, v) => s with { RepetitionPenalty = v.Number() }),
        Sampling<T>("presence_penalty", """{"type":"number","minimum":-2,"maximum":2,"default":0}""", "Taken once from the logits of tokens of the text.", static (s, v) => s with { PresencePenalty = v.Number() }),
        Sampling<T>("frequency_penalty", """{"type":"number","minimum":-2,"maximum":2,"default":0}""", "Taken from the logits of tokens of the text for each occurrence.", static (s, v) => s with { FrequencyPenalty = v.Number() }),
        Sampling<T>("seed", """{"type":"integer"}""", "The same seed gives the same text; choice i takes seed + i.", static (s, v) => s with { Seed = v.Seed() }),
        Sampling<T>("logit_bias", """{"type":"object","additionalProperties":{"type":"number","minimum":-100,"maximum":100}}""", "Added to the logits of tokens, by token id.", static (s, v) => s with { LogitBias = ReadBias(v) }),
    ];

    private static Parameter<T> Sampling<T>(string name, string schema, string description, Func<SamplingOptions, JsonParameter, SamplingOptions> apply)
        where T : GenerationParameters =>
        new(name, schema, description, (request, value) => request with { Sampling = apply(request.Sampling, value) });

    private static string[] ReadStops(JsonParameter value)
    {
        var stops = value.Value.ValueKind == JsonValueKind.Array ? [.. value.Elements().Select(static element => element.Text())] : new[] { value.Text() };
        if (stops.Length > MaxStops) throw value.Wrong($"at most {MaxStops} are allowed");
        return Array.Exists(stops, static stop => stop.Length == 0) ? throw value.Wrong("an empty text is not allowed") : stops;
    }

    private static bool ReadIncludeUsage(JsonParameter value)
    {
        var include = false;
        foreach (var option in value.Properties())
            include = option.Name == "include_usage" ? (value with { Value = option.Value }).Boolean() : throw value.Wrong($"'{option.Name}' is not known");
        return include;
    }

    private static Dictionary<int, float> ReadBias(JsonParameter value)
    {
        var bias = new Dictionary<int, float>();
        foreach (var entry in value.Properties())
        {
            if (!int.TryParse(entry.Name, out var id)) throw value.Wrong($"'{entry.Name}' is not a token id");
            bias[id] = (value with { Value = entry.Value }).Number();
        }

        return bias;
    }
}
