using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role">Who wrote it.</param>
/// <param name="Content">What.</param>
/// <param name="Author">Tells several of a role apart; null for none.</param>
internal sealed record ChatMessage(string Role, string Content, string? Author)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("role", Role);
        json.WriteString("content", Content);
        if (Author is not null) json.WriteString("name", Author);
        json.WriteEndObject();
    }
}
