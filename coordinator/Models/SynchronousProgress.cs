namespace Cluster.Coordinator.Models;

/// <summary>Unlike <see cref="Progress{T}"/>, reports on the writer's own thread: in order, and none after the end.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
