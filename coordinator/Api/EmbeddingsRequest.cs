namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/v1/embeddings</c>.</summary>
internal sealed record EmbeddingsRequest
{
    /// <summary>Texts of one request at most, as in OpenAI's API.</summary>
    public const int MaxInputs = 2048;

    public static readonly ParameterTable<EmbeddingsRequest> Table = new(
        ["input"],
        [],
        [
            new("input", CompletionPrompt.Schema, "A text or token ids, or several of either.", static (r, v) => r with { Inputs = ReadInputs(v) }),
            new("model", """{"type":"string"}""", "Name of the model; the one that is served if left out.", static (r, v) => r with { Model = v.Text() }),
            new("encoding_format", """{"type":"string","enum":["float","base64"],"default":"float"}""", "Numbers, or base64 of 32-bit floats, little-endian.", static (r, v) => r with { IsBase64 = ReadFormat(v) }),
            new("dimensions", """{"type":"integer"}""", "Only the model's own.", static (r, v) => r with { Dimensions = v.Integer(1) }),
            new("timeout", """{"type":"number","exclusiveMinimum":0}""", "Seconds after which the request ends with an error if it is not finished.", static (r, v) => r with { Timeout = v.Seconds() }),
            new("user", """{"type":"string"}""", "Accepted and not used.", static (r, v) => v.Ignore(r)),
        ]);

    public IReadOnlyList<CompletionPrompt> Inputs { get; init; } = [];

    /// <summary>Null: the one that is served.</summary>
    public string? Model { get; init; }

    public bool IsBase64 { get; init; }

    public int? Dimensions { get; init; }

    /// <summary>How long the request may take; null: as long as the server lets it.</summary>
    public TimeSpan? Timeout { get; init; }

    private static CompletionPrompt[] ReadInputs(JsonParameter value)
    {
        var inputs = CompletionPrompt.Read(value);
        if (inputs.Length > MaxInputs) throw value.Wrong($"at most {MaxInputs} texts are allowed");
        return Array.Exists(inputs, static input => input.Text?.Length == 0) ? throw value.Wrong("an empty text is not allowed") : inputs;
    }

    private static bool ReadFormat(JsonParameter value) => value.Text() switch
    {
        "float" => false,
        "base64" => true,
        _ => throw value.Wrong("it must be float or base64"),
    };
}
