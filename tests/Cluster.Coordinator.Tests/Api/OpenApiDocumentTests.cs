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
        Assert.Equal(routes.Select(route => $"{(route.Method == "GET" ? "get" : "post")} {PathOf(route)}").Order(), documented);

        foreach (var route in routes.Where(route => route.Body is not null))
        {
            var schema = document.GetProperty("paths").GetProperty(PathOf(route)).GetProperty("post").GetProperty("requestBody").GetProperty("content")
                .GetProperty("application/json").GetProperty("schema");
            Assert.Equal(route.Body!.Parameters.Select(parameter => parameter.Name), schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
            Assert.Equal(route.Body.Required, schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()!));
            Assert.All(schema.GetProperty("properties").EnumerateObject(), property => Assert.True(
                property.Value.TryGetProperty("type", out _) || property.Value.TryGetProperty("oneOf", out _), property.Name));
        }

        foreach (var route in routes)
        {
            var operation = document.GetProperty("paths").GetProperty(PathOf(route)).GetProperty(route.Method == "GET" ? "get" : "post");
            Assert.Equal(route.IsOpen ? 1 : 2, operation.GetProperty("security").GetArrayLength());
            if (route.Query.Count > 0) Assert.Equal(route.Query.Select(query => query.Name), operation.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()!));
        }

        Assert.Equal("3.1.0", document.GetProperty("openapi").GetString());
        Assert.Equal(JsonValueKind.Object, document.GetProperty("info").ValueKind);
    }

    [Fact]
    public async Task The_page_of_the_API_lists_every_route()
    {
        await using var api = await ApiFixture.StartAsync();
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "api.md"));

        var (_, document) = await api.GetAsync("/openapi.json");

        var table = page[page.IndexOf("| Route |", StringComparison.Ordinal)..page.IndexOf("## Parameters", StringComparison.Ordinal)];
        Assert.All(document.GetProperty("paths").EnumerateObject(), path =>
            Assert.Contains(path.Name.Replace("{name}", "NAME", StringComparison.Ordinal).Replace("{id}", "ID", StringComparison.Ordinal), table, StringComparison.Ordinal));
    }

    private static string PathOf(ApiRoute route) => route.Path.Replace(":int", "", StringComparison.Ordinal);
}
