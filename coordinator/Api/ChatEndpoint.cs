using Cluster.Model.ChatTemplates;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatEndpoint(ServingState state, GenerationEndpoint generation, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var served = state.Require();
        var request = await GenerationEndpoint.ReadAsync(context, served, ChatRequest.Table, new ChatRequest()).ConfigureAwait(false);
        var format = new ChatFormat(served.Engine.Model.Tokenizer, request.WantsLogProbs);
        await generation.AnswerAsync(context, served, request, 1, () => [Encode(served, request)], "messages", format).ConfigureAwait(false);
    }

    private int[] Encode(ServedEngine served, ChatRequest request)
    {
        try
        {
            return served.ChatPrompts.Encode(request.Messages, request.TemplateNames, time.GetLocalNow());
        }
        catch (ChatTemplateException e)
        {
            // The template says what conversations the model takes.
            throw new ApiException(ApiError.Invalid("messages", $"Invalid 'messages': {(e.IsRefusal ? e.Problem : e.Message)}"));
        }
    }
}
