using System.Text.Json;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>JSON as values that templates work with.</summary>
internal static class JsonValues
{
    public static object? Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            case JsonValueKind.Array:
                return new List<object?>(element.EnumerateArray().Select(Read));
            case JsonValueKind.Object:
                var dictionary = new TemplateDictionary();
                foreach (var property in element.EnumerateObject()) dictionary[property.Name] = Read(property.Value);
                return dictionary;
            default:
                return null;
        }
    }
}
