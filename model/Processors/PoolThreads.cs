namespace Cluster.Model.Processors;

/// <summary>How the threads of the runtime's pool wait.</summary>
public static class PoolThreads
{
    /// <summary>
    /// Rounds that a thread looks out for work before it sleeps: about as long as a GPU takes for a token. To be woken takes tens of microseconds, and
    /// several threads are on a token's way.
    /// </summary>
    private const int Rounds = 2000;

    private const string Setting = "System.Threading.ThreadPool.UnfairSemaphoreSpinLimit";

    /// <summary>
    /// Has them look out for longer before they sleep, for processes that wait for a GPU most of the time; where processors compute it takes from them.
    /// To be called before there are any such threads. What the environment or a configuration file says (DOTNET_ThreadPool_UnfairSemaphoreSpinLimit) holds.
    /// </summary>
    public static void LookOutForLonger()
    {
        if (AppContext.GetData(Setting) is null && Environment.GetEnvironmentVariable("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit") is null)
            AppContext.SetData(Setting, Rounds);
    }
}
