using System.Globalization;
using System.Text.Json;
using Cluster.Coordinator.Slots;
using Cluster.Model.KvCache.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.Coordinator.Api;

/// <summary><c>GET /slots</c> and <c>POST /slots/ID?action=save|restore|erase</c>, which ask and answer as llama-server's do.</summary>
internal sealed class SlotsEndpoint(ServingState state)
{
    public static readonly IReadOnlyList<QueryParameter> Query = [new("action", """{"type":"string","enum":["save","restore","erase"]}""", "What to do.", IsRequired: true)];

    /// <summary>Of what is saved or restored.</summary>
    public static readonly ParameterTable<string> Body = new(
        [],
        [],
        [new("filename", """{"type":"string"}""", "A plain file name, in the folder of --slot-save-path; to erase none.", static (_, value) => PlainName(value))]);

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 4 };

    /// <summary>The texts that were continued of late, while they are at work or something of them is cached.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var served = state.Require();
        var slots = served.Slots.Snapshot;
        var cached = new int[slots.Length];
        await served.Engine.RunBetweenStepsAsync(parts =>
        {
            for (var i = 0; i < slots.Length; i++) cached[i] = parts.Blocks.CountCached(slots[i].Tokens.Span);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);

        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (var slot in slots)
                if (slot.IsProcessing || cached[slot.Id] > 0) Write(json, slot, cached[slot.Id], served.Engine.Model.ContextLength);
            json.WriteEndArray();
        }).ConfigureAwait(false);
    }

    public async Task ActAsync(HttpContext context)
    {
        var served = state.Require();
        var files = served.SlotFiles
            ?? throw new ApiException(new ApiError(StatusCodes.Status501NotImplemented, "This server saves no slots; start it with --slot-save-path."));
        var id = int.Parse((string)context.GetRouteValue("id")!, CultureInfo.InvariantCulture);
        var slot = served.Slots.Find(id) ?? throw new ApiException(new ApiError(StatusCodes.Status404NotFound, $"There is no slot {id}.", "id"));
        var action = (string?)context.Request.Query["action"];
        await (action switch
        {
            "save" => SaveAsync(context, files, slot),
            "restore" => RestoreAsync(context, files, slot),
            "erase" => EraseAsync(context, files, slot),
            _ => throw new ApiException(ApiError.Invalid("action", $"Invalid 'action': it must be save, restore or erase, not '{action}'.")),
        }).ConfigureAwait(false);
    }

    private static async Task SaveAsync(HttpContext context, SlotFiles files, Slot slot)
    {
        var name = await ReadFileNameAsync(context).ConfigureAwait(false);
        var saved = await MoveAsync(name, StatusCodes.Status500InternalServerError, () => files.SaveAsync(slot, name, context.RequestAborted)).ConfigureAwait(false);
        await AnswerAsync(context, slot, json => WriteFile(json, name, "n_saved", saved.TokenCount, "n_written", saved.FileBytes, "save_ms", saved.Elapsed))
            .ConfigureAwait(false);
    }

    private static async Task RestoreAsync(HttpContext context, SlotFiles files, Slot slot)
    {
        var name = await ReadFileNameAsync(context).ConfigureAwait(false);
        var restored = await MoveAsync(name, StatusCodes.Status400BadRequest, () => files.RestoreAsync(slot, name, context.RequestAborted)).ConfigureAwait(false)
            ?? throw Busy(slot);
        await AnswerAsync(
            context, slot, json => WriteFile(json, name, "n_restored", restored.Tokens.Length, "n_read", restored.FileBytes, "restore_ms", restored.Elapsed))
            .ConfigureAwait(false);
    }

    private static async Task EraseAsync(HttpContext context, SlotFiles files, Slot slot)
    {
        var erased = await files.EraseAsync(slot).ConfigureAwait(false) ?? throw Busy(slot);
        await AnswerAsync(context, slot, json => json.WriteNumber("n_erased", erased)).ConfigureAwait(false);
    }

    /// <summary>Clients learn what is wrong with a file by its name: where the folder is does not concern them.</summary>
    private static async Task<T> MoveAsync<T>(string name, int fileStatus, Func<Task<T>> move)
    {
        try
        {
            return await move().ConfigureAwait(false);
        }
        catch (KvCacheFileException e)
        {
            throw new ApiException(new ApiError(fileStatus, $"{name}: {e.Problem}.", "filename"));
        }
        catch (ClusterException e)
        {
            throw new ApiException(new ApiError(StatusCodes.Status400BadRequest, $"{name}: {e.Message}."));
        }
    }

    private static async Task<string> ReadFileNameAsync(HttpContext context)
    {
        using var body = await RequestBody.ParseAsync(context, s_json).ConfigureAwait(false);
        var name = Body.Read(body.RootElement, "");
        return name.Length > 0 ? name : throw new ApiException(ApiError.Invalid("filename", "'filename' is required."));
    }

    private static string PlainName(JsonParameter parameter)
    {
        try
        {
            if (parameter.Text() is var name && SlotFiles.IsPlainName(name)) return name;
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a text that is not valid Unicode.
        }

        throw parameter.Wrong("it must be a plain file name of ASCII letters, digits and ' .-_+=@' that does not begin with a dot");
    }

    private static Task AnswerAsync(HttpContext context, Slot slot, Action<Utf8JsonWriter> write) =>
        JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("id_slot", slot.Id);
            write(json);
            json.WriteEndObject();
        });

    private static void WriteFile(
        Utf8JsonWriter json, string name, string tokensName, int tokens, string bytesName, long bytes, string timeName, TimeSpan elapsed)
    {
        json.WriteString("filename", name);
        json.WriteNumber(tokensName, tokens);
        json.WriteNumber(bytesName, bytes);
        json.WriteStartObject("timings");
        json.WriteNumber(timeName, Math.Round(elapsed.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Slot slot, int cached, int context)
    {
        json.WriteStartObject();
        json.WriteNumber("id", slot.Id);
        json.WriteNumber("n_ctx", context);
        json.WriteNumber("n_tokens", slot.Tokens.Length);
        json.WriteNumber("n_cached", cached);
        json.WriteString("state", slot.IsProcessing ? "processing" : "idle");
        json.WriteBoolean("is_processing", slot.IsProcessing);
        json.WriteEndObject();
    }

    private static ApiException Busy(Slot slot) => new(new ApiError(StatusCodes.Status400BadRequest, $"Slot {slot.Id} is at work.", "id"));
}
