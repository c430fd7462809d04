using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.Coordinator.Api;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/NAME</c>: the one model that is served.</summary>
internal sealed class ModelsEndpoint(ServingState state)
{
    public Task ListAsync(HttpContext context)
    {
        var served = state.Require();
        return JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            Write(json, served);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task GetAsync(HttpContext context)
    {
        var served = state.Require();
        served.RequireModel((string)context.GetRouteValue("name")!);
        return JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json => Write(json, served));
    }

    private static void Write(Utf8JsonWriter json, ServedEngine served)
    {
        json.WriteStartObject();
        json.WriteString("id", served.ModelName);
        json.WriteString("object", "model");
        json.WriteNumber("created", served.ReadySince.ToUnixTimeSeconds());
        json.WriteString("owned_by", "cluster");
        json.WriteNumber("max_model_len", served.Engine.Model.ContextLength);
        json.WriteEndObject();
    }
}
