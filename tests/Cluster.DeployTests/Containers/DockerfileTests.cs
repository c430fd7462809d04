using System.Text.Json;
using Cluster.DeployTests.Helm;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Containers;

[Collection(ToolsCollection.Name)]
public sealed class DockerfileTests
{
    public static TheoryData<string> Files => ["Dockerfile.coordinator", "Dockerfile.worker", "Dockerfile.worker-cuda"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task TheLinterSaysNothing(string file) =>
        Assert.Empty((await ReadAsync(file)).Items("problems").Select(static p => p.GetString()));

    [Fact]
    public async Task TheLinterFindsATypo()
    {
        var text = (await DeployFiles.ReadAsync("Dockerfile.worker")).Replace("HEALTHCHECK --interval", "HEALTHCHEK --interval", StringComparison.Ordinal);
        Assert.NotEmpty((await NodeChecks.RunAsync("dockerfile", text)).Items("problems"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task BasesAreArgumentsSoThatDigestsCanBeGiven(string file)
    {
        var arguments = await OfAsync(file, "ARG");
        foreach (var from in await OfAsync(file, "FROM"))
        {
            var name = from.Split(' ')[0];
            Assert.Contains(arguments, argument => name == $"${{{argument.Split('=')[0]}}}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task TheImageRunsWithoutRootAndIsWatched(string file)
    {
        Assert.NotEqual("0", Assert.Single(await OfAsync(file, "USER")).Split(':')[0]);
        Assert.Contains("/app/health.sh", Assert.Single(await OfAsync(file, "HEALTHCHECK")), StringComparison.Ordinal);
        Assert.Equal(2, (await OfAsync(file, "FROM")).Length);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task ProjectsAndFoldersThatAreNamedAreThere(string file)
    {
        var words = (await OfAsync(file, "RUN")).Concat(await OfAsync(file, "COPY")).SelectMany(static line => line.Split(' '));
        var paths = words.Where(static word => word.EndsWith(".csproj", StringComparison.Ordinal) || word is "samples" or "deploy/health.sh").ToArray();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(RepositoryFiles.Root, path)), path));
    }

    private static async Task<JsonElement> ReadAsync(string file) => await NodeChecks.RunAsync("dockerfile", await DeployFiles.ReadAsync(file));

    private static async Task<string[]> OfAsync(string file, string instruction) =>
        [.. (await ReadAsync(file)).Items("instructions").Where(i => i.Text("name") == instruction).Select(static i => i.Text("arguments"))];
}
