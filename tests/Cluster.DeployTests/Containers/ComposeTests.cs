using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.DeployTests.Helm;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Containers;

[Collection(ToolsCollection.Name)]
public sealed partial class ComposeTests
{
    [Fact]
    public async Task TheFileIsValid() => Assert.Empty(await NodeChecks.ProblemsAsync("compose", await DeployFiles.ReadAsync("compose.yaml")));

    [Theory]
    [InlineData("depends_on", "depend_on")]
    [InlineData("replicas:", "replica:")]
    [InlineData("command:", "comand:")]
    public async Task ATypoIsFound(string right, string wrong)
    {
        var text = (await DeployFiles.ReadAsync("compose.yaml")).Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEmpty(await NodeChecks.ProblemsAsync("compose", text));
    }

    [Fact]
    public async Task TheProgramsKnowTheirOptions()
    {
        var services = await ServicesAsync();
        Assert.Empty(await Programs.UnknownAsync(Command(services, "coordinator"), Programs.Cluster, "serve"));
        Assert.Empty(await Programs.UnknownAsync(Command(services, "worker"), Programs.Worker));
    }

    [Fact]
    public async Task FilesThatAreMountedOrBuiltFromAreThere()
    {
        foreach (var service in (await ServicesAsync()).EnumerateObject())
        {
            foreach (var source in service.Value.Items("volumes").Select(static v => Default().Replace(v.GetString()!, "$1").Split(':')[0]).Where(static s => s.StartsWith('.')))
                Assert.True(Path.Exists(DeployFiles.PathOf(source)), $"{service.Name}: {source} is not there");
            if (service.Value.TryGetProperty("build", out var build))
                Assert.True(File.Exists(Path.Combine(DeployFiles.Folder, build.Text("context"), build.Text("dockerfile"))));
        }
    }

    [Fact]
    public async Task NothingIsPublishedBeyondThisMachine()
    {
        foreach (var service in (await ServicesAsync()).EnumerateObject())
            Assert.All(service.Value.Items("ports"), static port => Assert.StartsWith("127.0.0.1:", port.GetString(), StringComparison.Ordinal));
    }

    private static async Task<JsonElement> ServicesAsync() =>
        (await NodeChecks.RunAsync("documents", await DeployFiles.ReadAsync("compose.yaml")))[0].GetProperty("services");

    private static IEnumerable<string> Command(JsonElement services, string name) => services.GetProperty(name).Items("command").Select(static a => a.GetString()!);

    [GeneratedRegex(@"\$\{\w+:-([^}]*)\}")]
    private static partial Regex Default();
}
