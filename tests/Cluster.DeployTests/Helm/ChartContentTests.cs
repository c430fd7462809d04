using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Helm;

/// <summary>What no schema knows: that the objects fit each other, the programs and what production asks of pods.</summary>
[Collection(ToolsCollection.Name)]
public sealed class ChartContentTests
{
    public static TheoryData<string> ValueSets => Chart.ValueSets;

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task TheProgramsKnowTheirOptions(string set)
    {
        var objects = await Chart.ObjectsAsync(set);
        var coordinators = Containers(objects, "coordinator");
        var workers = Containers(objects, "worker");
        Assert.Single(coordinators);
        Assert.NotEmpty(workers);
        Assert.Empty(await Programs.UnknownAsync(coordinators.SelectMany(static c => c.Arguments()), Programs.Cluster, "serve"));
        Assert.Empty(await Programs.UnknownAsync(workers.SelectMany(static c => c.Arguments()), Programs.Worker));
    }

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task PodsHaveNoRightsTheyDoNotNeed(string set)
    {
        foreach (var pod in (await Chart.ObjectsAsync(set)).Select(static o => o.PodSpec()).OfType<JsonElement>())
        {
            Assert.False(pod.GetProperty("automountServiceAccountToken").GetBoolean());
            Assert.True(pod.GetProperty("securityContext").GetProperty("runAsNonRoot").GetBoolean());
            Assert.Equal("RuntimeDefault", pod.GetProperty("securityContext").GetProperty("seccompProfile").Text("type"));
            foreach (var container in pod.Items("containers").Concat(pod.Items("initContainers")))
            {
                var security = container.GetProperty("securityContext");
                Assert.True(security.GetProperty("readOnlyRootFilesystem").GetBoolean());
                Assert.False(security.GetProperty("allowPrivilegeEscalation").GetBoolean());
                Assert.Equal("ALL", Assert.Single(security.GetProperty("capabilities").Items("drop")).GetString());
            }
        }
    }

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task SelectorsFindTheirPods(string set)
    {
        var objects = await Chart.ObjectsAsync(set);
        var pods = objects.Where(static o => o.Is("Deployment", "StatefulSet"))
            .Select(static o => o.GetProperty("spec").GetProperty("template").GetProperty("metadata").GetProperty("labels").Strings()).ToArray();
        var selectors = objects.Where(static o => o.Is("Service")).Select(static o => o.GetProperty("spec").GetProperty("selector"))
            .Concat(objects.Where(static o => o.Is("PodDisruptionBudget", "Deployment", "StatefulSet")).Select(static o => o.GetProperty("spec").GetProperty("selector").GetProperty("matchLabels")))
            .Concat(objects.Where(static o => o.Is("NetworkPolicy")).Select(static o => o.GetProperty("spec").GetProperty("podSelector").GetProperty("matchLabels")));
        foreach (var selector in selectors)
            Assert.Contains(pods, labels => selector.Strings().All(wanted => labels.GetValueOrDefault(wanted.Key) == wanted.Value));
    }

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task WhatIsMountedIsThere(string set)
    {
        var objects = await Chart.ObjectsAsync(set);
        foreach (var (owner, pod) in objects.Select(static o => (o, o.PodSpec())).Where(static p => p.Item2 is not null).Select(static p => (p.o, p.Item2!.Value)))
        {
            var volumes = pod.Items("volumes").Concat(owner.GetProperty("spec").Items("volumeClaimTemplates").Select(static t => t.GetProperty("metadata")));
            var names = volumes.Select(static v => v.Text("name")).ToArray();
            foreach (var container in pod.Items("containers").Concat(pod.Items("initContainers")))
                foreach (var mount in container.Items("volumeMounts")) Assert.Contains(mount.Text("name"), names);
        }
    }

    [HelmTheory]
    [MemberData(nameof(ValueSets))]
    public async Task WorkersFindTheCoordinatorBeforeItIsReady(string set)
    {
        var objects = await Chart.ObjectsAsync(set);
        var membership = objects.Single(static o => o.Is("Service") && o.Name().EndsWith("-membership", StringComparison.Ordinal));
        Assert.True(membership.GetProperty("spec").GetProperty("publishNotReadyAddresses").GetBoolean());
        Assert.All(Containers(objects, "worker"), worker => Assert.Contains($"--coordinator={membership.Name()}:7070", worker.Arguments()));
    }

    [HelmTheory]
    [InlineData("three-workers", "--workers=3")]
    [InlineData("cpu-and-nvidia", "--workers=3")]
    [InlineData("nvidia", "--model=/models/llama-3-8b-q4_0.gguf")]
    [InlineData("everything", "--context=32768")]
    [InlineData("everything", "--tls-key=/etc/cluster/tls/tls.key")]
    [InlineData("bare", "--insecure=force")]
    [InlineData("everything", "--cluster-tls=on")]
    public async Task TheCoordinatorIsTold(string set, string argument) =>
        Assert.Contains(argument, Assert.Single(Containers(await Chart.ObjectsAsync(set), "coordinator")).Arguments());

    [HelmFact]
    public async Task TheKeysFileHasTheHashOfTheKey()
    {
        var secret = (await Chart.ObjectsAsync("defaults")).Single(static o => o.Is("Secret")).GetProperty("stringData");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Text("key"))));
        Assert.Equal($"rel sha256:{hash}", secret.Text("keys").Trim());
    }

    [HelmTheory]
    [InlineData("everything")]
    [InlineData("keys-and-monitor")]
    public async Task WithKeysAndTlsNothingIsInsecure(string set)
    {
        var coordinator = Assert.Single(Containers(await Chart.ObjectsAsync(set), "coordinator"));
        Assert.DoesNotContain("--insecure", coordinator.Arguments());
        foreach (var probe in (ReadOnlySpan<string>)["startupProbe", "livenessProbe", "readinessProbe"])
            Assert.Equal("HTTPS", coordinator.GetProperty(probe).GetProperty("httpGet").Text("scheme"));
    }

    [HelmFact]
    public async Task DrainingHasItsTime()
    {
        var pod = (await Chart.ObjectsAsync("defaults")).Single(static o => o.Is("Deployment")).PodSpec()!.Value;
        var pause = Assert.Single(pod.Items("containers")).GetProperty("lifecycle").GetProperty("preStop").GetProperty("exec").Items("command").Last();
        Assert.True(pod.GetProperty("terminationGracePeriodSeconds").GetInt32() > int.Parse(pause.GetString()!) + 30);
    }

    private static JsonElement[] Containers(JsonElement[] objects, string name) =>
        [.. objects.Select(static o => o.PodSpec()).OfType<JsonElement>().SelectMany(static p => p.Items("containers")).Where(c => c.Text("name") == name)];
}
