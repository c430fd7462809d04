using System.Text.Json;

namespace Cluster.IntegrationTests.Running;

/// <summary>The benchmark over real worker processes. What it measures is not looked at, only that it is measured.</summary>
public sealed class BenchTests
{
    [Fact]
    public void Every_test_is_measured_on_every_split()
    {
        var result = ClusterProgram.Run(
            "bench", RepositoryFiles.SampleModel, "--prompt", "5", "--generate", "3", "--depth", "64", "--batch", "2", "--threads", "1",
            "--split", "1x1,2x1", "--kv", "f16/q4_0", "--repetitions", "2", "--json");
        Assert.True(result.ExitCode == 0, result.Errors);

        var json = JsonDocument.Parse(result.Output).RootElement;
        var rows = json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(2 * 2, rows.Length);
        Assert.StartsWith("cluster bench ", json.GetProperty("command").GetString(), StringComparison.Ordinal);
        Assert.Equal(["pp5", "tg3"], rows.Select(row => row.GetProperty("test").GetString()).Distinct());
        foreach (var row in rows)
        {
            foreach (var name in (string[])["tokens_per_second", "time_to_first_token_ms"])
            {
                var spread = row.GetProperty(name);
                Assert.InRange(spread.GetProperty("median").GetDouble(), spread.GetProperty("least").GetDouble(), spread.GetProperty("most").GetDouble());
                Assert.True(spread.GetProperty("least").GetDouble() > 0);
            }

            Assert.True(row.GetProperty("read_bytes_per_second").GetDouble() > 0);
            Assert.True(row.GetProperty("multiply_add_share").GetDouble() > 0);
        }

        // Two ranks send activations, one only its answers.
        var wire = rows.ToLookup(row => row.GetProperty("tensor_parallel").GetInt32(), row => row.GetProperty("wire_bytes_per_token").GetInt64());
        Assert.True(wire[2].Min() > wire[1].Max());
    }
}
