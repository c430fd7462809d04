using System.Text.Json;
using Cluster.Coordinator.Engine;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class CompletionEndpoint(ServingState state, TimeProvider time)
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 16 };

    public async Task HandleAsync(HttpContext context)
    {
        var served = state.Engine ?? throw new ApiException(new ApiError(StatusCodes.Status503ServiceUnavailable, $"No request is taken: {state.Reason}."));
        var (request, prompt) = await ReadAsync(context, served).ConfigureAwait(false);
        var slot = served.Slots.Begin(prompt);
        using var stream = served.Engine.Submit(new GenerationRequest
        {
            Prompt = prompt,
            Sampling = request.Sampling,
            MaxTokens = request.MaxTokens,
            StopStrings = request.Stop,
            IgnoreEndOfText = request.IgnoreEndOfText,
            Ended = tokens => served.Slots.End(slot, tokens),
        });

        var answer = new CompletionAnswer(served.ModelName, time.GetUtcNow());
        if (request.Stream) await answer.StreamAsync(context, stream, request.IncludeUsage).ConfigureAwait(false);
        else await answer.WriteAsync(context, stream).ConfigureAwait(false);
    }

    private static async Task<(CompletionRequest Request, int[] Prompt)> ReadAsync(HttpContext context, ServedEngine served)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, s_json, context.RequestAborted).ConfigureAwait(false);
        var model = served.Engine.Model;
        var request = Parse(body.RootElement, model.VocabularySize);
        if (request.Model is { } name && name != served.ModelName)
            throw new ApiException(new ApiError(StatusCodes.Status404NotFound, $"The model '{name}' does not exist; this server has '{served.ModelName}'.", "model", "model_not_found"));

        int[] prompt = request.PromptText is { } text ? [.. model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: true)] : [.. request.PromptTokens];
        if (served.Engine.CheckPrompt(prompt.Length) is { } problem)
            throw new ApiException(new ApiError(StatusCodes.Status400BadRequest, $"Invalid 'prompt': {problem}.", "prompt", "context_length_exceeded"));
        return (request, prompt);
    }

    private static CompletionRequest Parse(JsonElement body, int vocabularySize)
    {
        try
        {
            return CompletionRequestParser.Parse(body, vocabularySize);
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a text with half a surrogate pair or broken UTF-8, names included.
            throw new ApiException(ApiError.Invalid(null, "The body holds a text that is not valid Unicode."));
        }
    }
}
