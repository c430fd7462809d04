using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Api;

/// <summary>What a completion goes on from.</summary>
/// <param name="Text">Null when it came as token ids.</param>
/// <param name="TokenIds">When there is no text.</param>
internal sealed record CompletionPrompt(string? Text, int[] TokenIds)
{
    /// <exception cref="ApiException">An id is not the model's.</exception>
    public void Validate(int vocabularySize)
    {
        var index = Array.FindIndex(TokenIds, id => (uint)id >= (uint)vocabularySize);
        if (index >= 0)
            throw new ApiException(ApiError.Invalid("prompt", $"Invalid 'prompt': element {index} is not a token id of the model's vocabulary of {vocabularySize}."));
    }

    public int[] Encode(Tokenizer tokenizer) => Text is null ? TokenIds : [.. tokenizer.Encode(Text, addSpecial: true, parseSpecial: true)];
}
