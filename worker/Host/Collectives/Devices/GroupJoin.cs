using Cluster.Compute.Collectives;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>
/// A device's way into a group, on a thread of its own: the library may keep it for ever where another rank never comes. Whoever gives it up lets
/// go of what it still may bring.
/// </summary>
internal sealed class GroupJoin(Func<IDeviceCollective> join)
{
    private readonly Task<IDeviceCollective> _task =
        Task.Factory.StartNew(join, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Ends when it has succeeded, with null, or else with the reason.</summary>
    public async Task<string?> OutcomeAsync()
    {
        try
        {
            await _task.ConfigureAwait(false);
            return null;
        }
        catch (CommunicatorException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return "the group came to nothing in time";
        }
    }

    /// <summary>After a good <see cref="OutcomeAsync"/>.</summary>
    public IDeviceCollective Take() => _task.Result;

    public void GiveUp() => _task.ContinueWith(
        static task =>
        {
            if (task.IsCompletedSuccessfully) task.Result.Dispose();
            else _ = task.Exception;
        },
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
