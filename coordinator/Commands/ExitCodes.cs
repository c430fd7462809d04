namespace Cluster.Coordinator.Commands;

internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>What was asked for could not be done; a line for each reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted before it was done: 128 + SIGINT, as shells report it.</summary>
    public const int Interrupted = 130;

    /// <summary>The same by SIGTERM.</summary>
    public const int Terminated = 143;
}
