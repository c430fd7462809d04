using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class CompletionEndpoint(ServingState state, GenerationEndpoint generation)
{
    private static readonly CompletionRequest s_defaults = new() { MaxTokens = CompletionRequest.DefaultMaxTokens };

    public async Task HandleAsync(HttpContext context)
    {
        var served = state.Require();
        var request = await GenerationEndpoint.ReadAsync(context, served, CompletionRequest.Table, s_defaults).ConfigureAwait(false);
        var tokenizer = served.Engine.Model.Tokenizer;
        await generation.AnswerAsync(
            context, served, request, request.Prompts.Count, () => [.. request.Prompts.Select(prompt => prompt.Encode(tokenizer))], "prompt",
            new CompletionFormat(tokenizer, request.WantsLogProbs)).ConfigureAwait(false);
    }
}
