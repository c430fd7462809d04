using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Helm;

/// <summary>What the chart renders, against Kubernetes' schemas; and that these checks would notice.</summary>
[Collection(ToolsCollection.Name)]
public sealed class ChartSchemaTests
{
    public static TheoryData<string> ValueSets => Chart.ValueSets;

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task EveryValueSetIsValid(string set) =>
        Assert.Empty(await NodeChecks.ProblemsAsync("kubernetes", await Chart.RenderAsync(set)));

    [HelmFact]
    public void ThereAreTwelveValueSetsAtLeast() => Assert.True(Directory.GetFiles(Chart.ValuesFolder).Length >= 12);

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task HelmLintsEveryValueSet(string set) =>
        (await ToolProcess.RunAsync(NodeChecks.Helm, ["lint", Chart.Folder, "--strict", "--values", Chart.ValuesFile(set)])).Require();

    [HelmTheory]
    [InlineData("coordinator.yaml", "readinessProbe:", "readinesProbe:", "/spec/template/spec/containers/0/readinesProbe is unknown")]
    [InlineData("coordinator.yaml", "replicas: 1", "replicas: one", "/spec/replicas")]
    [InlineData("workers.yaml", "podManagementPolicy", "podManagmentPolicy", "/spec/podManagmentPolicy is unknown")]
    [InlineData("workers.yaml", "serviceName:", "service:", "/spec")]
    [InlineData("networkpolicies.yaml", "podSelector:", "podSelectors:", "podSelectors is unknown")]
    [InlineData("poddisruptionbudgets.yaml", "policy/v1", "policy/v7", "there is no policy/v7 PodDisruptionBudget")]
    public async Task ATypoInATemplateIsFound(string template, string right, string wrong, string problem)
    {
        var chart = Chart.Copy();
        try
        {
            var file = Path.Combine(chart, "templates", template);
            var text = await File.ReadAllTextAsync(file);
            Assert.Contains(right, text, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text.Replace(right, wrong, StringComparison.Ordinal));

            var rendered = (await Chart.TemplateAsync(chart, [])).Require();
            Assert.Contains(await NodeChecks.ProblemsAsync("kubernetes", rendered), found => found.Contains(problem, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(chart, recursive: true);
        }
    }

    [HelmTheory]
    [InlineData("serv.wire=f16", "'serv' not allowed")]
    [InlineData("serve.wires=f16", "'wires' not allowed")]
    [InlineData("serve.wire=f8", "/serve/wire")]
    [InlineData("serve.kv.typeK=q4_2", "/serve/kv/typeK")]
    [InlineData("coordinator.resources.request.cpu=1", "'request' not allowed")]
    [InlineData("workers[0].name=cpu,workers[0].class=tpu,workers[0].replicas=1", "/workers/0/class")]
    [InlineData("workers[0].name=cpu,workers[0].class=cpu,workers[0].replicas=1,workers[0].thread=2", "'thread' not allowed")]
    [InlineData("workers=null", "'workers'")]
    [InlineData("coordinator.image.digest=latest", "/coordinator/image/digest")]
    public async Task ATypoInAValueIsFound(string value, string problem)
    {
        var result = await Chart.TemplateAsync("--set", value);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(problem, result.Errors, StringComparison.Ordinal);
    }

    [HelmTheory]
    [InlineData("model.file=m.gguf", "model.file needs model.volume")]
    [InlineData("model.volume=hostPath", "model.volume needs model.file")]
    [InlineData("model.file=m.gguf,model.volume=claim", "model.claim.name")]
    [InlineData("model.file=m.gguf,model.volume=emptyDir", "begins empty")]
    [InlineData("model.file=m.gguf,model.volume=emptyDir,model.download.url=https://x/m", "model.download.sha256")]
    [InlineData("model.file=m.gguf,model.volume=perWorker,model.workers=fetch,model.download.url=https://x/m,model.download.sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "none needs one")]
    [InlineData("workers[0].name=a,workers[0].class=amd,workers[0].replicas=1", "no device for AMD")]
    public async Task ValuesThatCannotWorkAreRefused(string values, string message)
    {
        var result = await Chart.TemplateAsync("--set", values);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }
}
