namespace Cluster.IntegrationTests.Running;

/// <summary>What a finished program left.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors);
