using Cluster.Compute.Devices;
using DeviceLimits = Cluster.Protos.V1.DeviceLimits;

namespace Cluster.Worker.Services;

/// <summary>Measures the worker's device for whoever asks, for one at a time: two would halve each other's figures.</summary>
internal sealed class LimitsMeter(IDevice device) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<DeviceLimits> MeasureAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // It computes for a while: not on a thread that serves connections.
            var measured = await Task.Factory.StartNew(device.MeasureLimits, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
            return new DeviceLimits
            {
                ReadBytesPerSecond = measured?.ReadBytesPerSecond ?? 0,
                MultiplyAddsPerSecond = measured?.MultiplyAddsPerSecond ?? 0,
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
