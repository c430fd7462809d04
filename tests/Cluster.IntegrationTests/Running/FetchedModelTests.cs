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

        using var serve = await ServeProcess.StartAsync(at => StartWorkers(at, "first", "second"), "--workers", "2", "--pipeline", "2", "--context", "256");
        var found = await serve.CompleteAsync(prompt, 24);

        Assert.Equal(expected.Text, found.Text);
        foreach (var name in (string[])["first", "second"])
            Assert.Single(Directory.GetFiles(Path.Combine(_folder, name), "*.gguf"));
    }

    [Fact]
    public async Task Workers_that_need_the_same_pieces_pass_them_on_and_keep_them()
    {
        int[] prompt = [.. Enumerable.Range(300, 40)];
        var length = new FileInfo(RepositoryFiles.SampleModel).Length;
        string text;
        using (var serve = await ServeProcess.StartAsync(at => StartWorkers(at, "first", "second", "third"), "--workers", "3", "--tensor-parallel", "3", "--context", "256"))
        {
            text = (await serve.CompleteAsync(prompt, 24)).Text;

            // Row-parallel matrices are in all three shards: more comes from peers than once over. Nothing leaves the coordinator twice.
            Assert.InRange(await serve.WeightBytesAsync("coordinator"), length / 2, length);
            Assert.True(await serve.WeightBytesAsync("peer") > length / 2);
            Assert.Equal(0, await serve.WeightBytesAsync("cache"));
        }

        EndWorkers();
        using var again = await ServeProcess.StartAsync(at => StartWorkers(at, "first", "second", "third"), "--workers", "3", "--tensor-parallel", "3", "--context", "256");
        Assert.Equal(text, (await again.CompleteAsync(prompt, 24)).Text);
        Assert.Equal((0, 0), (await again.WeightBytesAsync("coordinator"), await again.WeightBytesAsync("peer")));
        Assert.True(await again.WeightBytesAsync("cache") > length);
    }

    public void Dispose()
    {
        EndWorkers();
        Directory.Delete(_folder, recursive: true);
    }

    private void EndWorkers()
    {
        foreach (var worker in _workers)
        {
            worker.Kill(entireProcessTree: true);
            worker.WaitForExit();
            worker.Dispose();
        }

        _workers.Clear();
    }

    private void StartWorkers(string coordinator, params string[] names)
    {
        foreach (var name in names)
        {
            _workers.Add(ClusterProgram.StartWorker(
                "--coordinator", coordinator, "--name", name, "--threads", "1", "--fetch-model", "--cache-dir", Path.Combine(_folder, name)));
        }
    }
}
