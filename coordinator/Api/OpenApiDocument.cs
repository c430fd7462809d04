using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>The OpenAPI 3.1 document, written from the descriptions by which requests are routed and checked.</summary>
internal static class OpenApiDocument
{
    public static ReadOnlyMemory<byte> Build(IEnumerable<ApiRoute> routes) => JsonResponses.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("openapi", "3.1.0");
        json.WriteStartObject("info");
        json.WriteString("title", "Cluster");
        json.WriteString("version", typeof(OpenApiDocument).Assembly.GetName().Version?.ToString(3));
        json.WriteEndObject();
        json.WriteStartObject("paths");
        foreach (var path in routes.GroupBy(static route => route.Path.Replace(":int", "", StringComparison.Ordinal)))
        {
            json.WriteStartObject(path.Key);
            WriteNames(json, path.Key);
            foreach (var route in path) Write(json, route);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The names in a path.</summary>
    private static void WriteNames(Utf8JsonWriter json, string path)
    {
        if (!path.Contains('{', StringComparison.Ordinal)) return;
        json.WriteStartArray("parameters");
        foreach (var part in path.Split('/').Where(static part => part.StartsWith('{')))
        {
            json.WriteStartObject();
            json.WriteString("name", part.Trim('{', '}'));
            json.WriteString("in", "path");
            json.WriteBoolean("required", true);
            json.WriteStartObject("schema");
            json.WriteString("type", "string");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ApiRoute route)
    {
        json.WriteStartObject(route.Method == "GET" ? "get" : "post");
        json.WriteString("summary", route.Summary);
        if (route.Body is { } body) WriteBody(json, body);
        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", "The answer.");
        json.WriteEndObject();
        json.WriteStartObject("default");
        json.WriteString("description", "An error, as OpenAI's API writes it.");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter json, IParameterTable body)
    {
        json.WriteStartObject("requestBody");
        json.WriteBoolean("required", true);
        json.WriteStartObject("content");
        json.WriteStartObject("application/json");
        json.WriteStartObject("schema");
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartArray("required");
        foreach (var name in body.Required) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartObject("properties");
        foreach (var (name, schema, description) in body.Parameters)
        {
            json.WriteStartObject(name);
            json.WriteString("description", description);
            using var document = JsonDocument.Parse(schema);
            foreach (var member in document.RootElement.EnumerateObject()) member.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
