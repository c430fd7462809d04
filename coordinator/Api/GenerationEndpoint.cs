using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>What the endpoints that continue texts have in common.</summary>
internal static class GenerationEndpoint
{
    /// <exception cref="ApiException">A prompt does not fit, or no text could be begun.</exception>
    public static async Task AnswerAsync(
        HttpContext context, ServedEngine served, GenerationParameters request, IReadOnlyList<int[]> prompts, string promptName, IAnswerFormat format, TimeProvider time)
    {
        foreach (var prompt in prompts)
        {
            if (served.Engine.CheckPrompt(prompt.Length) is { } problem)
                throw new ApiException(new ApiError(StatusCodes.Status400BadRequest, $"Invalid '{promptName}': {problem}.", promptName, "context_length_exceeded"));
        }

        var run = new GenerationRun(served, prompts, request);
        var answer = new GenerationAnswer(format, run, served.ModelName, time.GetUtcNow());
        if (request.Stream) await answer.StreamAsync(context, request.IncludeUsage).ConfigureAwait(false);
        else await answer.WriteAsync(context).ConfigureAwait(false);
    }

    /// <summary>Reads a request and checks it against the model.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context, ServedEngine served, ParameterTable<T> table, T defaults)
        where T : GenerationParameters
    {
        var request = await RequestBody.ReadAsync(context, table, defaults).ConfigureAwait(false);
        request.Validate(served.Engine.Model.VocabularySize);
        served.RequireModel(request.Model);
        return request;
    }
}
