using System.Text.Json;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Api;

/// <summary>What a completion goes on from.</summary>
/// <param name="Text">Null when it came as token ids.</param>
/// <param name="TokenIds">When there is no text.</param>
internal sealed record CompletionPrompt(string? Text, int[] TokenIds)
{
    /// <summary>JSON schema of one or several.</summary>
    public const string Schema = $$$"""{"oneOf":[{{{TextAndIds}}},{"type":"array","items":{"oneOf":[{{{TextAndIds}}}]}}]}""";

    private const string TextAndIds = """{"type":"string"},{"type":"array","items":{"type":"integer"}}""";

    /// <exception cref="ApiException">An id is not the model's.</exception>
    public void Validate(int vocabularySize, string name)
    {
        var index = Array.FindIndex(TokenIds, id => (uint)id >= (uint)vocabularySize);
        if (index >= 0)
            throw new ApiException(ApiError.Invalid(name, $"Invalid '{name}': element {index} is not a token id of the model's vocabulary of {vocabularySize}."));
    }

    public int[] Encode(Tokenizer tokenizer) => Text is null ? TokenIds : [.. tokenizer.Encode(Text, addSpecial: true, parseSpecial: true)];

    /// <summary>One or several.</summary>
    /// <exception cref="ApiException">The value is neither.</exception>
    public static CompletionPrompt[] Read(JsonParameter value)
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
