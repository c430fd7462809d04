using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary><c>POST /tokenize</c> and <c>POST /detokenize</c>, which ask and answer as llama-server's do.</summary>
internal sealed class TokenizeEndpoint(ServingState state)
{
    public async Task TokenizeAsync(HttpContext context)
    {
        var tokenizer = state.Require().Engine.Model.Tokenizer;
        var request = await RequestBody.ReadAsync(context, TokenizeRequest.Table, new TokenizeRequest()).ConfigureAwait(false);
        var ids = tokenizer.Encode(request.Content, request.AddSpecial, request.ParseSpecial);
        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tokens");
            foreach (var id in ids)
            {
                if (!request.WithPieces)
                {
                    json.WriteNumberValue(id);
                    continue;
                }

                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteString("piece", tokenizer.TokenText(id));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    public async Task DetokenizeAsync(HttpContext context)
    {
        var model = state.Require().Engine.Model;
        var request = await RequestBody.ReadAsync(context, DetokenizeRequest.Table, new DetokenizeRequest()).ConfigureAwait(false);
        var unknown = Array.FindIndex(request.Tokens, id => id >= model.VocabularySize);
        if (unknown >= 0) throw new ApiException(ApiError.Invalid("tokens", $"Invalid 'tokens': element {unknown} is not a token id of the model's vocabulary of {model.VocabularySize}."));
        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("content", model.Tokenizer.Decode(request.Tokens));
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
