namespace Cluster.DeployTests.Tools;

/// <summary>Needs a program of Linux; skipped, and said so, where it is not there.</summary>
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program) => Skip = PathPrograms.Missing(program);
}
