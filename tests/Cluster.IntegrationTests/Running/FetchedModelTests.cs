using System.Diagnostics;

namespace Cluster.IntegrationTests.Running;

/// <summary>Workers that have no model of their own.</summary>
public sealed class FetchedModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly List<Process> _workers = [];

    [Fact]
    public async Task Workers_without_the_model_take_their_part_of_it_from_the_coordinator()
    {
        int[] prompt = [.. Enumerable.Range(300, 40)];
        using var alone = await ServeProcess.StartAsync("--local-workers", "1", "--threads", "1", "--context", "256");
        var expected = await alone.CompleteAsync(prompt, 24);

        using var serve = await ServeProcess.StartAsync(StartWorkers, "--workers", "2", "--pipeline", "2", "--context", "256");
        var found = await serve.CompleteAsync(prompt, 24);

        Assert.Equal(expected.Text, found.Text);
        foreach (var name in (string[])["first", "second"])
            Assert.Single(Directory.GetFiles(Path.Combine(_folder, name), "*.gguf"));
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Kill(entireProcessTree: true);
            worker.WaitForExit();
            worker.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void StartWorkers(string coordinator)
    {
        foreach (var name in (string[])["first", "second"])
        {
            _workers.Add(ClusterProgram.StartWorker(
                "--coordinator", coordinator, "--name", name, "--threads", "1", "--fetch-model", "--cache-dir", Path.Combine(_folder, name)));
        }
    }
}
