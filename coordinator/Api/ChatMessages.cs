using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>Reads the messages of a chat and puts them as chat templates expect them: plain texts under the roles that models know.</summary>
internal static class ChatMessages
{
    private static readonly string[] s_roles = ["system", "developer", "user", "assistant"];

    /// <exception cref="ApiException">A message is not what it must be; it is named.</exception>
    public static JsonElement Read(JsonParameter value)
    {
        var messages = value.Elements().Select(ReadMessage).ToArray();
        if (messages.Length == 0) throw value.Wrong("it must hold at least one message");

        using var document = JsonDocument.Parse(JsonResponses.Build(json =>
        {
            json.WriteStartArray();
            foreach (var message in messages) message.Write(json);
            json.WriteEndArray();
        }));
        return document.RootElement.Clone();
    }

    private static ChatMessage ReadMessage(JsonParameter value)
    {
        string? role = null, content = null, author = null;
        foreach (var property in value.Properties())
        {
            var member = new JsonParameter($"{value.Name}.{property.Name}", property.Value);
            var isNull = property.Value.ValueKind == JsonValueKind.Null;
            switch (property.Name)
            {
                case "role":
                    role = ReadRole(member);
                    break;
                case "content" when !isNull:
                    content = ReadContent(member);
                    break;
                case "name" when !isNull:
                    author = member.Text();
                    break;
                case "content" or "name":
                case "refusal" or "tool_calls" or "function_call" or "audio" when isNull:
                    break;
                case "tool_calls" or "tool_call_id" or "function_call":
                    throw member.Wrong("tools are not supported yet");
                default:
                    throw member.Wrong("it is not known");
            }
        }

        if (role is null) throw Missing(value, "role");
        return new ChatMessage(role, content ?? (role == "assistant" ? "" : throw Missing(value, "content")), author);
    }

    private static string ReadRole(JsonParameter value)
    {
        var role = value.Text();
        if (role is "tool" or "function") throw value.Wrong("tools are not supported yet");
        if (!s_roles.Contains(role)) throw value.Wrong($"it must be one of {string.Join(", ", s_roles)}");

        // OpenAI's newer name for the same thing; no model's template knows it.
        return role == "developer" ? "system" : role;
    }

    private static string ReadContent(JsonParameter value) => value.Value.ValueKind switch
    {
        JsonValueKind.String => value.Text(),
        JsonValueKind.Array => string.Join('\n', value.Elements().Select(ReadPart)),
        _ => throw value.Wrong("it must be a text or an array of text parts"),
    };

    private static string ReadPart(JsonParameter value)
    {
        string? text = null;
        var isText = false;
        foreach (var property in value.Properties())
        {
            var member = new JsonParameter($"{value.Name}.{property.Name}", property.Value);
            if (property.Name == "type") isText = member.Text() == "text" ? true : throw member.Wrong("only text is supported");
            else if (property.Name == "text") text = member.Text();
            else throw member.Wrong("it is not known");
        }

        return isText && text is not null ? text : throw Missing(value, isText ? "text" : "type");
    }

    private static ApiException Missing(JsonParameter value, string name) =>
        new(ApiError.Invalid($"{value.Name}.{name}", $"'{value.Name}.{name}' is required."));
}
