using System.Text.Json;
using Cluster.Coordinator.Api;

namespace Cluster.Coordinator.Chat;

/// <summary>What was said so far.</summary>
internal sealed class Conversation
{
    private readonly List<ChatTurn> _turns = [];

    /// <summary>What the model is told before all; empty for nothing.</summary>
    public string System { get; set; } = "";

    public ChatTurn? Last => _turns.Count > 0 ? _turns[^1] : null;

    public int Count => _turns.Count;

    public void Add(ChatTurn turn) => _turns.Add(turn);

    public void RemoveLast() => _turns.RemoveAt(_turns.Count - 1);

    public void Clear() => _turns.Clear();

    /// <summary>The property <c>messages</c>, as OpenAI's API takes it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("messages");
        if (System.Length > 0) Write(json, new ChatTurn("system", System));
        foreach (var turn in _turns) Write(json, turn);
        json.WriteEndArray();
    }

    /// <summary>Writes it to a file: an object with <c>messages</c>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public void Save(string path)
    {
        var content = JsonResponses.Build(json =>
        {
            json.WriteStartObject();
            Write(json);
            json.WriteEndObject();
        });
        File.WriteAllBytes(path, content.Span);
    }

    /// <summary>Takes the place of all that was said.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    /// <exception cref="JsonException">It is no saved conversation.</exception>
    public void Load(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var turns = Read(document.RootElement).ToList();
        System = turns.FirstOrDefault(static turn => turn.Role == "system")?.Content ?? "";
        _turns.Clear();
        _turns.AddRange(turns.Where(static turn => turn.Role != "system"));
    }

    private static IEnumerable<ChatTurn> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
            throw new JsonException("it has no messages");

        foreach (var message in messages.EnumerateArray())
        {
            var (role, content) = message.ValueKind == JsonValueKind.Object ? (Text(message, "role"), Text(message, "content")) : default;
            if (role is not ("system" or "user" or "assistant") || content is null) throw new JsonException("a message lacks its role or its content");
            yield return new ChatTurn(role, content);
        }
    }

    private static string? Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Write(Utf8JsonWriter json, ChatTurn turn)
    {
        json.WriteStartObject();
        json.WriteString("role", turn.Role);
        json.WriteString("content", turn.Content);
        json.WriteEndObject();
    }
}
