using System.Xml.Linq;

namespace Cluster.IntegrationTests.Architecture;

/// <summary>The one-way rule of docs/architecture.md, read from the project files.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Cluster.Model"] = [],
        ["Cluster.Grpc"] = [],
        ["Cluster.Protos"] = ["Cluster.Model", "Cluster.Grpc"],
        ["Cluster.Compute"] = ["Cluster.Model"],
        ["Cluster.Worker"] = ["Cluster.Compute", "Cluster.Protos", "Cluster.Model", "Cluster.Grpc"],
        ["Cluster.Coordinator"] = ["Cluster.Protos", "Cluster.Model", "Cluster.Grpc"],
    };

    public static TheoryData<string> ProductProjects()
    {
        var projects = new TheoryData<string>();
        foreach (var folder in new[] { "model", "protos", "worker", "coordinator" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*.csproj", SearchOption.AllDirectories))
            {
                projects.Add(Path.GetRelativePath(RepositoryFiles.Root, file));
            }
        }

        return projects;
    }

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void Project_references_only_what_the_architecture_allows(string project)
    {
        var document = XDocument.Load(Path.Combine(RepositoryFiles.Root, project));
        var references = document.Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Assert.Empty(references.Except(Allowed[Path.GetFileNameWithoutExtension(project)]));
    }

    [Fact]
    public void Compute_knows_no_web_framework()
    {
        var document = XDocument.Load(Path.Combine(RepositoryFiles.Root, "worker", "Compute", "Cluster.Compute.csproj"));
        Assert.Empty(document.Descendants("FrameworkReference"));
    }
}
