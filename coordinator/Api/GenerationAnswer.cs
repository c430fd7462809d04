using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api.Admission;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Writes the texts of a request as OpenAI's API does: in one piece, or as server-sent events.</summary>
internal sealed class GenerationAnswer(IAnswerFormat format, GenerationRun run, string model, DateTimeOffset created)
{
    private readonly string _id = $"{format.IdPrefix}{Guid.NewGuid():N}";
    private readonly Usage _usage = new();

    public async Task WriteAsync(HttpContext context, RequestDeadline deadline)
    {
        var texts = Enumerable.Range(0, run.ChoiceCount).Select(static _ => new StringBuilder()).ToArray();
        var tokens = Enumerable.Range(0, run.ChoiceCount).Select(static _ => new List<TokenEvent>()).ToArray();
        var summaries = new GenerationSummary[run.ChoiceCount];
        try
        {
            await foreach (var part in run.ReadAsync(deadline.Token).ConfigureAwait(false))
            {
                texts[part.Choice].Append(part.Text);
                tokens[part.Choice].AddRange(part.Tokens);
                if (part.Summary is not null) summaries[part.Choice] = part.Summary;
                Count(context, part);
            }
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw new ApiException(deadline.Error);
        }

        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            WriteHead(json, format.ObjectName);
            for (var choice = 0; choice < texts.Length; choice++)
            {
                var whole = new AnswerPart(choice, texts[choice].ToString(), tokens[choice], summaries[choice]);
                WriteChoice(json, choice, whole.FinishReason, () => format.WriteWhole(json, whole));
            }

            json.WriteEndArray();
            _usage.Write(json);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    public async Task StreamAsync(HttpContext context, RequestDeadline deadline, bool includeUsage)
    {
        var events = new ServerSentEvents(context);
        await events.StartAsync().ConfigureAwait(false);
        try
        {
            var begun = new bool[run.ChoiceCount];
            await foreach (var part in run.ReadAsync(deadline.Token).ConfigureAwait(false))
            {
                if (format.HasBeginning && !begun[part.Choice])
                    await events.SendAsync(json => WriteEvent(json, part.Choice, null, includeUsage, () => format.WriteBeginning(json))).ConfigureAwait(false);
                begun[part.Choice] = true;
                Count(context, part);
                await events.SendAsync(json => WriteEvent(json, part.Choice, part.FinishReason, includeUsage, () => format.WriteChunk(json, part))).ConfigureAwait(false);
            }
        }
        catch (ApiException e)
        {
            RequestObservation.Of(context)?.Fail(e.Error);
            await events.SendAsync(json => JsonResponses.Write(json, e.Error)).ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            RequestObservation.Of(context)?.Fail(deadline.Error);
            await events.SendAsync(json => JsonResponses.Write(json, deadline.Error)).ConfigureAwait(false);
            return;
        }

        if (includeUsage)
        {
            await events.SendAsync(json =>
            {
                WriteHead(json, format.ChunkName);
                json.WriteEndArray();
                _usage.Write(json);
                json.WriteEndObject();
            }).ConfigureAwait(false);
        }

        await events.EndAsync().ConfigureAwait(false);
    }

    private void Count(HttpContext context, AnswerPart part)
    {
        var countsPrompt = run.IsFirstOfPrompt(part.Choice);
        RequestObservation.Of(context)?.Take(part, countsPrompt);
        if (part.Summary is not null) _usage.Add(part.Summary, countsPrompt);
    }

    private void WriteEvent(Utf8JsonWriter json, int choice, string? finishReason, bool includeUsage, Action writeMembers)
    {
        WriteHead(json, format.ChunkName);
        WriteChoice(json, choice, finishReason, writeMembers);
        json.WriteEndArray();
        if (includeUsage) json.WriteNull("usage");
        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, int choice, string? finishReason, Action writeMembers)
    {
        json.WriteStartObject();
        json.WriteNumber("index", choice);
        writeMembers();
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
    }

    /// <summary>Up to the choices.</summary>
    private void WriteHead(Utf8JsonWriter json, string objectName)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", objectName);
        json.WriteNumber("created", created.ToUnixTimeSeconds());
        json.WriteString("model", model);
        json.WriteStartArray("choices");
    }
}
