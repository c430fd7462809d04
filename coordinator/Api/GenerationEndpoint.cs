using Cluster.Coordinator.Api.Admission;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>What the endpoints that continue texts have in common.</summary>
/// <param name="gate">Bounds how many texts there are.</param>
/// <param name="timeout">How long a request may take; null: as long as it takes.</param>
/// <param name="time">Measures that.</param>
internal sealed class GenerationEndpoint(TextGate gate, TimeSpan? timeout, TimeProvider time)
{
    /// <param name="context">The request.</param>
    /// <param name="served">What answers.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="promptCount">Prompts that there are.</param>
    /// <param name="encode">Gives their token ids; called once there is room.</param>
    /// <param name="promptName">The parameter that they come from.</param>
    /// <param name="format">Writes the texts.</param>
    /// <exception cref="ApiException">There is no room, a prompt does not fit, or no text could be begun.</exception>
    public async Task AnswerAsync(
        HttpContext context, ServedEngine served, GenerationParameters request, int promptCount, Func<IReadOnlyList<int[]>> encode, string promptName, IAnswerFormat format)
    {
        using var place = gate.Enter(promptCount * request.Choices);
        using var deadline = RequestDeadline.Earliest(request.Timeout, timeout, time, context.RequestAborted);
        var prompts = encode();
        var key = context.Features.Get<ApiKey>();
        foreach (var prompt in prompts)
        {
            if ((served.Engine.CheckPrompt(prompt.Length) ?? CheckPrompt(key, prompt.Length)) is { } problem)
                throw new ApiException(new ApiError(StatusCodes.Status400BadRequest, $"Invalid '{promptName}': {problem}.", promptName, "context_length_exceeded"));
        }

        RequestObservation.Of(context)?.Begin(context, format.OperationName, served.ModelName, request);
        var run = new GenerationRun(served, prompts, request, key);
        var answer = new GenerationAnswer(format, run, served.ModelName, time.GetUtcNow());
        if (request.Stream) await answer.StreamAsync(context, deadline, request.IncludeUsage).ConfigureAwait(false);
        else await answer.WriteAsync(context, deadline).ConfigureAwait(false);
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

    private static string? CheckPrompt(ApiKey? key, int tokens) =>
        tokens >= key?.ContextLength ? $"the prompt has {tokens} tokens, which leaves no room in the {key.ContextLength} that the key '{key.Name}' may use" : null;
}
