using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Hosting;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.HealthCheck;

/// <summary>
/// Serves <c>grpc.health.v1.Health</c> from statuses that the application sets. Thread-safe; register one instance as a
/// singleton and map it.
/// </summary>
/// <param name="lifetime">Ends watches when the application stops, which would otherwise wait for their clients.</param>
public sealed class HealthServiceImpl(IHostApplicationLifetime? lifetime = null) : Health.V1.Health.HealthBase
{
    private readonly CancellationToken _stopping = lifetime?.ApplicationStopping ?? CancellationToken.None;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ChannelWriter<ServingStatus>>> _watchers = new(StringComparer.Ordinal);

    /// <param name="service">A service's full name; empty for the server as a whole.</param>
    /// <param name="status">What callers are told from now on.</param>
    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_lock)
        {
            var before = StatusOf(service);
            _statuses[service] = status;
            if (before != status)
                Notify(service, status);
        }
    }

    /// <summary>Forgets a service.</summary>
    public void ClearStatus(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_lock)
        {
            if (_statuses.Remove(service))
                Notify(service, ServingStatus.ServiceUnknown);
        }
    }

    /// <summary>Forgets all services.</summary>
    public void ClearAll()
    {
        lock (_lock)
        {
            foreach (var service in _statuses.Keys)
                Notify(service, ServingStatus.ServiceUnknown);
            _statuses.Clear();
        }
    }

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return _statuses.TryGetValue(request.Service, out var status)
                ? Task.FromResult(new HealthCheckResponse { Status = status })
                : throw new RpcException(new Status(StatusCode.NotFound, $"The health of '{request.Service}' is not known."));
        }
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        // Of several changes while the client does not read, only the last matters.
        var changes = Channel.CreateBounded<ServingStatus>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            changes.Writer.TryWrite(StatusOf(request.Service));
            if (!_watchers.TryGetValue(request.Service, out var watchers))
                _watchers[request.Service] = watchers = [];
            watchers.Add(changes.Writer);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stopping);
        try
        {
            await foreach (var status in changes.Reader.ReadAllAsync(end.Token).ConfigureAwait(false))
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The server is stopping."));
        }
        finally
        {
            lock (_lock)
            {
                if (_watchers[request.Service].Remove(changes.Writer) && _watchers[request.Service].Count == 0)
                    _watchers.Remove(request.Service);
            }
        }
    }

    private ServingStatus StatusOf(string service) => _statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown);

    private void Notify(string service, ServingStatus status)
    {
        if (!_watchers.TryGetValue(service, out var watchers))
            return;
        foreach (var watcher in watchers)
            watcher.TryWrite(status);
    }
}
