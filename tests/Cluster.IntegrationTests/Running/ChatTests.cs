namespace Cluster.IntegrationTests.Running;

public sealed class ChatTests
{
    [Fact]
    public void Script_talks_to_the_sample_model()
    {
        var result = ClusterProgram.RunWith(
            "/set temperature 0\n/set max_tokens 8\nTell me of a dog.\n/retry\n/stats\n/nothing\n/exit\n", "chat", "--local-workers", "1", "--threads", "1");

        var lines = result.Output.Split('\n');
        Assert.True(lines.Length > 3, result.Errors);
        Assert.NotEqual("", lines[0]);
        Assert.Equal(lines[0], lines[1]);
        Assert.Contains(" of answer; first after ", lines[2], StringComparison.Ordinal);
        Assert.Equal((1, "cluster: there is no /nothing; /help lists what there is"), (result.ExitCode, result.Errors.Split('\n')[^2]));
    }
}
