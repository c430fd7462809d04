namespace Cluster.DeployTests.Tools;

internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a program that has to succeed.</summary>
    public string Require()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}{Output}");
        return Output;
    }
}
