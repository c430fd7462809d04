namespace Cluster.DeployTests.Tools;

/// <summary>Needs a program of Linux; skipped, and said so, where it is not there.</summary>
internal sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(string program) => Skip = PathPrograms.Missing(program);
}
