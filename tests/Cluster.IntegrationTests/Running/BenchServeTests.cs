using System.Text.Json;

namespace Cluster.IntegrationTests.Running;

public sealed class BenchServeTests
{
    [Fact]
    public void Load_on_a_server_of_its_own_is_reported()
    {
        var result = ClusterProgram.Run(
            "bench", "serve", "--local-workers", "1", "--threads", "1", "--concurrency", "1,3", "--requests", "4", "--prompt-tokens", "8-16", "--output-tokens", "3", "--seed", "1", "--stall", "60", "--json");

        Assert.True(result.ExitCode == 0, result.Errors + result.Output);
        var loads = JsonDocument.Parse(result.Output).RootElement.GetProperty("loads");
        Assert.Equal(2, loads.GetArrayLength());
        foreach (var load in loads.EnumerateArray())
        {
            Assert.Equal((4, 0, 0), (load.GetProperty("requests").GetInt32(), load.GetProperty("errors").GetInt32(), load.GetProperty("stalled").GetInt32()));
            Assert.InRange(load.GetProperty("seconds").GetDouble() * load.GetProperty("output_tokens_per_second").GetDouble(), 11.5, 12.5);
            Assert.True(load.GetProperty("time_to_first_token_ms").GetProperty("p50").GetDouble() > 0);
        }
    }
}
