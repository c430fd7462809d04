using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Page;

namespace Cluster.Coordinator.Tests.Api;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task Document_tells_of_every_route_and_parameter()
    {
        await using var api = await ApiFixture.StartAsync();

        var (_, document) = await api.GetAsync("/openapi.json");

        var documented = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(entry => entry.Name is "get" or "post").Select(entry => $"{entry.Name} {path.Name}")).Order();
        var routes = ApiRoutes.Create(api.State, new ClusterView(TimeProvider.System), api.Telemetry, ApiFixture.Loopback, TimeProvider.System);
        Assert.Equal(routes.Select(route => $"{(route.Method == "GET" ? "get" : "post")} {route.Path.Replace(":int", "", StringComparison.Ordinal)}").Order(), documented);

        foreach (var route in routes.Where(route => route.Body is not null))
        {
            var schema = document.GetProperty("paths").GetProperty(route.Path).GetProperty("post").GetProperty("requestBody").GetProperty("content")
                .GetProperty("application/json").GetProperty("schema");
            Assert.Equal(route.Body!.Parameters.Select(parameter => parameter.Name), schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
            Assert.Equal(route.Body.Required, schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()!));
            Assert.All(schema.GetProperty("properties").EnumerateObject(), property => Assert.True(
                property.Value.TryGetProperty("type", out _) || property.Value.TryGetProperty("oneOf", out _), property.Name));
        }

        Assert.Equal("3.1.0", document.GetProperty("openapi").GetString());
        Assert.Equal(JsonValueKind.Object, document.GetProperty("info").ValueKind);
    }
}
