using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>The OpenAPI 3.1 document, written from the descriptions by which requests are routed and checked.</summary>
internal static class OpenApiDocument
{
    private const string Key = "key";

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
        json.WriteStartObject("components");
        json.WriteStartObject("securitySchemes");
        json.WriteStartObject(Key);
        json.WriteString("type", "http");
        json.WriteString("scheme", "bearer");
        json.WriteString("description", "An API key, where the server asks for keys.");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The names in a path.</summary>
    private static void WriteNames(Utf8JsonWriter json, string path)
    {
        if (!path.Contains('{', StringComparison.Ordinal)) return;
        json.WriteStartArray("parameters");
        foreach (var part in path.Split('/').Where(static part => part.StartsWith('{')))
            WriteParameter(json, "path", new QueryParameter(part.Trim('{', '}'), """{"type":"string"}""", "", IsRequired: true));
        json.WriteEndArray();
    }

    private static void WriteParameter(Utf8JsonWriter json, string place, QueryParameter parameter)
    {
        json.WriteStartObject();
        json.WriteString("name", parameter.Name);
        json.WriteString("in", place);
        if (parameter.Description.Length > 0) json.WriteString("description", parameter.Description);
        json.WriteBoolean("required", parameter.IsRequired);
        json.WritePropertyName("schema");
        json.WriteRawValue(parameter.Schema);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ApiRoute route)
    {
        json.WriteStartObject(route.Method == "GET" ? "get" : "post");
        json.WriteString("summary", route.Summary);
        WriteSecurity(json, route.IsOpen);
        if (route.Query.Count > 0)
        {
            json.WriteStartArray("parameters");
            foreach (var parameter in route.Query) WriteParameter(json, "query", parameter);
            json.WriteEndArray();
        }

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

    /// <summary>A key, or nothing: whether keys are asked for is the server's choice.</summary>
    private static void WriteSecurity(Utf8JsonWriter json, bool isOpen)
    {
        json.WriteStartArray("security");
        json.WriteStartObject();
        json.WriteEndObject();
        if (!isOpen)
        {
            json.WriteStartObject();
            json.WriteStartArray(Key);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteBody(Utf8JsonWriter json, IParameterTable body)
    {
        json.WriteStartObject("requestBody");
        json.WriteBoolean("required", body.Required.Count > 0);
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
